import type { TracedExample } from '@eddy/core/report';
import { expect, it } from 'vitest';

import { filtered, playerSteps, verdictOf } from './traced-puzzle.ts';

const example = (solved: boolean, qHalt: number | undefined, fixed = false): TracedExample => ({
  index: solved ? 1 : 0,
  solved,
  fixed,
  input: [1, 1, 0],
  label: [2, 3, 0],
  steps: [
    {
      preds: [2, solved ? 3 : 4, 9],
      probabilities: [1000, 250, 3],
      ...(qHalt === undefined ? {} : { qHalt }),
    },
  ],
});

it('says how a puzzle ended, and whether the model knows it', () => {
  const verdict = (one: TracedExample) => verdictOf(one, { notScored: 0 }).text;
  expect(verdict(example(false, 2))).toBe('1 wrong cell, and sure that it is right');
  expect(verdict(example(false, -2))).toBe('1 wrong cell');
  expect(verdict(example(false, undefined))).toBe('1 wrong cell');
  expect(verdict(example(true, 2))).toBe('solved');
  expect(verdict(example(true, -2))).toBe('solved, though it would continue');
  expect(verdictOf(example(false, 1), { notScored: null }).text).toContain('2 wrong cells');
});

it('filters, and turns thousandths into probabilities', () => {
  const all = [example(false, 1), example(true, 1, true)];
  expect(filtered(all, 'failed')).toEqual([all[0]]);
  expect(filtered(all, 'solved')).toEqual([all[1]]);
  expect(filtered(all, 'fixed')).toEqual([all[1]]);
  expect(filtered(all, 'all')).toEqual(all);
  expect(playerSteps(all[0]!)).toEqual([
    { cells: [2, 4, 9], probabilities: [1, 0.25, 0.003], halt: 1 },
  ]);
});
