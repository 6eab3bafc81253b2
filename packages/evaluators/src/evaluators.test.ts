import { expect, it } from 'vitest';

import type { DatasetMetadata } from '@eddy/core';
import { evaluatorSuite } from '@eddy/core/testing';
import exactAccuracy from './exact-accuracy/exact-accuracy.plugin.ts';
import { ExactAccuracy } from './exact-accuracy/exact-accuracy.ts';
import { SudokuValidity } from './sudoku-validity/sudoku-validity.ts';

const dataset: DatasetMetadata = {
  vocabSize: 6,
  seqLen: 16,
  grid: { rows: 4, cols: 4 },
  task: 'sudoku',
  numPuzzleIdentifiers: 1,
  padId: 0,
  ignoreLabelId: 0,
  blankIdentifierId: 0,
  splits: {},
};
const tokens = (text: string) => Int32Array.from(text, (c) => (c === '.' ? 1 : Number(c) + 1));

const SOLUTION = '1234341221434321';
const OTHER = '1234341243212143';
const GIVENS = '12343412........'; // both solve it
const rows = [
  { input: tokens(GIVENS), label: tokens(SOLUTION), preds: tokens(SOLUTION), rating: 0 },
  { input: tokens(GIVENS), label: tokens(SOLUTION), preds: tokens(OTHER), rating: 5 },
  {
    input: tokens(GIVENS),
    label: tokens(SOLUTION).map((token, i) => (i < 8 ? -100 : token)),
    preds: tokens(`2${SOLUTION.slice(1)}`), // wrong where nothing is scored
    rating: 5,
  },
  // A right grid that changes a given.
  {
    input: tokens('2134............'),
    label: tokens(SOLUTION),
    preds: tokens(SOLUTION),
    rating: 40,
  },
  // A blank is no digit.
  {
    input: tokens(GIVENS),
    label: tokens(SOLUTION),
    preds: tokens(`${SOLUTION.slice(0, 15)}.`),
    rating: 400,
  },
].map(({ preds, ...row }) => ({
  ...row,
  puzzleIdentifier: 0,
  outputs: { preds: { shape: [16], dtype: 'int32' as const, data: preds } },
}));

evaluatorSuite({
  name: 'exact-accuracy',
  create: () => new ExactAccuracy([1, 10, 30, 100]),
  dataset,
  rows,
  // Cells: 16 + 8 + 8 of 8 + 16 + 15 right of 16 + 16 + 8 + 16 + 16.
  expected: {
    cell_accuracy: 63 / 72,
    exact_accuracy: 3 / 5,
    'exact_accuracy/rating_0': 1,
    'examples/rating_0': 1,
    'exact_accuracy/rating_1-9': 0.5,
    'examples/rating_1-9': 2,
    'exact_accuracy/rating_30-99': 1,
    'examples/rating_30-99': 1,
    'exact_accuracy/rating_100+': 0,
    'examples/rating_100+': 1,
  },
});

evaluatorSuite({
  name: 'sudoku-validity',
  create: () => new SudokuValidity(),
  dataset,
  rows,
  expected: { valid_completion: 2 / 5, valid_grid: 3 / 5, givens_kept: 3 / 5 },
});

it('exact-accuracy leaves out examples without a scored cell, and ratings that are missing', () => {
  const evaluator = new ExactAccuracy([]);
  evaluator.begin();
  const labels = tokens(SOLUTION + SOLUTION).fill(-100, 0, 16);
  evaluator.update({
    inputs: labels,
    labels,
    puzzleIdentifiers: new Int32Array(2),
    count: 2,
    firstExample: 0,
    ratings: null,
    outputs: { preds: { shape: [2, 16], dtype: 'int32', data: labels } },
  });
  expect(evaluator.result().metrics).toEqual({ cell_accuracy: 1, exact_accuracy: 1 });
});

it('exact-accuracy wants ascending bounds', () => {
  expect(exactAccuracy.config.safeParse({ ratingBounds: [10, 10] }).success).toBe(false);
  expect(exactAccuracy.config.parse({}).ratingBounds).toEqual([1, 10, 30, 100]);
});

it('sudoku-validity refuses other tasks', () => {
  const evaluator = new SudokuValidity();
  for (const other of [{ task: 'maze' }, { seqLen: 25 }]) {
    expect(() => evaluator.begin({ dataset: { ...dataset, ...other } })).toThrow(
      expect.objectContaining({ code: 'NOT_A_SUDOKU' }),
    );
  }
});
