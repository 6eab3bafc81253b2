import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { MadeRun } from '../testing/made-run.ts';
import { compareRuns, type OpenedRun } from './compare.ts';
import { RunProjection } from './run-projection.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'eddy-compare-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function opened(run: MadeRun, id: string): Promise<OpenedRun> {
  const projection = new RunProjection(run.path);
  await projection.refresh();
  return { found: { id, path: run.path, folder: `runs/${id}` }, projection };
}

function outcomes(run: MadeRun, step: number, bits: readonly number[], puzzles = 'sha256:a'): void {
  const path = join(run.path, 'evaluations', `step-${step}`);
  mkdirSync(path, { recursive: true });
  const metrics = { step, split: 'test', examples: bits.length, metrics: {}, durationMs: 1 };
  writeFileSync(join(path, 'metrics.json'), JSON.stringify(metrics));
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  for (const [i, bit] of bits.entries()) bytes[i >> 3]! |= bit << (i & 7);
  const solved = bits.filter(Boolean).length;
  const stored = { format: 'eddy-outcomes/1', step, split: 'test', examples: bits.length };
  writeFileSync(
    join(path, 'outcomes.json'),
    JSON.stringify({
      ...{ ...stored, recorded: bits.length, solved, puzzles },
      bits: Buffer.from(bytes).toString('base64'),
    }),
  );
}

it('names the causes first, then the first step that differs', async () => {
  const train = (learningRate: number) => ({
    train: { use: 'train', optimizer: { learningRate } },
  });
  const a = new MadeRun(join(folder, 'a'), { config: train(0.1) }).steps(1, 30);
  const b = new MadeRun(join(folder, 'b'), { config: train(0.2) }).steps(1, 40, {
    lossOf: (step) => (step < 20 ? 1 / step : 2 / step),
  });
  const c = new MadeRun(join(folder, 'c'), { config: train(0.1) }).steps(1, 25);
  const manifest = JSON.parse(readFileSync(join(c.path, 'manifest.json'), 'utf8')) as object;
  const other = { ...manifest, versions: { node: '22.0.0', '@eddy/core': '0.1.0' } };
  const data = { data: { build: { key: 'k'.repeat(32), path: '/nowhere' } } };
  writeFileSync(join(c.path, 'manifest.json'), JSON.stringify({ ...other, ...data }));

  const runs = await Promise.all([opened(a, 'a'), opened(b, 'b'), opened(c, 'c')]);
  const view = await compareRuns(runs);
  expect(view.differences).toEqual([
    {
      group: 'options',
      what: 'train.optimizer.learningRate',
      values: ['0.1', '0.2', '0.1'],
    },
    { group: 'data', what: 'build', values: [null, null, 'k'.repeat(12)] },
    { group: 'versions', what: 'node', values: ['20.20.2', '20.20.2', '22.0.0'] },
  ]);
  expect(view.divergences).toEqual([
    { id: 'b', commonSteps: 20, step: 20, metrics: ['lm_loss'] },
    { id: 'c', commonSteps: 25, metrics: [] },
  ]);
  expect(view.puzzles).toBeUndefined();
});

it('groups puzzles by who solves them, those in dispute first', async () => {
  const made = ['a', 'b', 'c'].map((name) => new MadeRun(join(folder, name)).steps(1, 5));
  const [a, b, c] = made as [MadeRun, MadeRun, MadeRun];
  outcomes(a, 5, [1, 1, 0, 0, 1, 1, 0, 1, 1, 1]);
  outcomes(b, 5, [1, 0, 0, 1, 1, 1, 0, 0, 1, 1]);
  outcomes(c, 5, [1, 1, 1], 'sha256:other');
  const view = await compareRuns(await Promise.all(made.map((run, i) => opened(run, 'abc'[i]!))));
  expect(view.puzzles).toEqual({
    set: 'test',
    steps: [5, 5, null],
    evaluations: ['step-5', 'step-5', null],
    recorded: 10,
    groups: [
      { solvedBy: ['a'], count: 2, examples: [1, 7] },
      { solvedBy: ['b'], count: 1, examples: [3] },
      { solvedBy: ['a', 'b'], count: 5, examples: [0, 4, 5, 8, 9] },
      { solvedBy: [], count: 2, examples: [2, 6] },
    ],
  });
});
