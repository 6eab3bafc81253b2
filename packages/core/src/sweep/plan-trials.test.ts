import { describe, expect, it } from 'vitest';

import type { Ablation } from '../schema/pipeline-schema.ts';
import { planTrials, splitOverrides, type RandomSearch } from './plan-trials.ts';

const plan = (texts: string[], ablation?: Partial<Ablation>, search?: RandomSearch) =>
  planTrials(
    splitOverrides('x.yml', texts),
    ablation === undefined ? undefined : { arms: {}, mode: 'max', ...ablation },
    search,
  );

describe('planTrials', () => {
  it('runs through the grid, the last key fastest', () => {
    const trials = plan(['a=1,2', 'epochs=3', '+b.c=range(0,3)']);
    expect(trials.map(({ values }) => `${values['a']}${values['b.c']}`)).toEqual([
      '10',
      '11',
      '12',
      '20',
      '21',
      '22',
    ]);
    expect(trials[4]).toEqual({
      id: '004',
      values: { a: '2', 'b.c': '1' },
      overrides: ['epochs=3', 'a=2', '+b.c=1'],
    });
  });

  it('runs every arm with a seed before the next seed', () => {
    const arms = { full: [], bare: ['~train.averager', 'x=1'] };
    const trials = plan([], { arms, seeds: [4, 5] });
    expect(trials.map(({ overrides }) => overrides)).toEqual([
      ['seed=4'],
      ['seed=4', '~train.averager', 'x=1'],
      ['seed=5'],
      ['seed=5', '~train.averager', 'x=1'],
    ]);
    expect(trials.map(({ values }) => values['arm'])).toEqual(['full', 'bare', 'full', 'bare']);
  });

  it.each([['seed=7'], ['seed=7,8']])('puts the command line’s %s before the file’s', (text) => {
    const seeds = plan([text], { arms: { full: [] }, seeds: [1] }).map(
      ({ overrides }) => overrides,
    );
    expect(seeds).toEqual(text === 'seed=7' ? [['seed=7']] : [['seed=7'], ['seed=8']]);
  });

  it('draws distinct points of the grid, the same for a seed', () => {
    const draw = (seed: number) =>
      plan(['a=range(0,10)', 'b=range(0,10)'], undefined, { trials: 30, seed });
    const points = draw(1).map(({ values }) => JSON.stringify(values));
    expect(new Set(points).size).toBe(30);
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it('gives the whole grid when it has no more points than trials', () => {
    expect(plan(['a=1,2'], undefined, { trials: 9, seed: 0 })).toEqual(plan(['a=1,2']));
  });

  it('draws from a grid too large to index', () => {
    const many = ['a', 'b', 'c'].map((key) => `${key}=range(0,10000)`);
    const trials = plan(many, undefined, { trials: 5, seed: 0 });
    expect(new Set(trials.map(({ values }) => JSON.stringify(values))).size).toBe(5);
  });

  it('draws from intervals: uniform, logarithmic, whole', () => {
    const texts = ['u=interval(-1,3)', 'l=tag(log,interval(1e-4,1))', 'i=int(interval(2,6))'];
    const trials = plan(texts, undefined, { trials: 4000, seed: 3 });
    const column = (key: string) => trials.map(({ values }) => Number(values[key]));
    const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
    const [u, l, i] = ['u', 'l', 'i'].map(column) as [number[], number[], number[]];
    expect(u.every((x) => x >= -1 && x < 3)).toBe(true);
    expect(mean(u)).toBeCloseTo(1, 1);
    expect(l.every((x) => x >= 1e-4 && x < 1)).toBe(true);
    expect(mean(l.map(Math.log10))).toBeCloseTo(-2, 1);
    expect(new Set(i)).toEqual(new Set([2, 3, 4, 5]));
  });

  it.each([
    [['a=1'], undefined, 'SWEEP_EMPTY'],
    [['a=interval(0,1)'], undefined, 'SWEEP_TRIALS_MISSING'],
    [['a=range(0,200)', 'b=range(0,200)'], undefined, 'SWEEP_TOO_BIG'],
    [['a=1,2'], { trials: 20_000, seed: 0 }, 'SWEEP_TOO_BIG'],
    [['a=1,', 'b=choice('], undefined, 'CONFIG_INVALID'],
  ])('refuses %j %j: %s', (texts, search, code) => {
    expect(() => plan(texts, undefined, search)).toThrow(expect.objectContaining({ code }));
  });
});
