import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { readHostTree } from '@eddy/core/checkpoint';
import type { DatasetMetadata, EvaluationStart } from '@eddy/core';
import { evaluatorSuite, freshFolder } from '@eddy/core/testing';
import exactAccuracy from './exact-accuracy/exact-accuracy.plugin.ts';
import { ExactAccuracy } from './exact-accuracy/exact-accuracy.ts';
import mazeValidity from './maze-validity/maze-validity.plugin.ts';
import { MazeValidity } from './maze-validity/maze-validity.ts';
import { Predictions, PREDICTIONS_FILE } from './predictions/predictions.ts';
import sudokuValidity from './sudoku-validity/sudoku-validity.plugin.ts';
import { SudokuValidity } from './sudoku-validity/sudoku-validity.ts';

const folder = freshFolder();

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
  metrics: exactAccuracy.metrics,
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
  metrics: sudokuValidity.metrics,
  create: () => new SudokuValidity(),
  dataset,
  rows,
  expected: { valid_completion: 2 / 5, valid_grid: 3 / 5, givens_kept: 3 / 5 },
});

it('exact-accuracy leaves out examples without a scored cell, and ratings that are missing', () => {
  const evaluator = new ExactAccuracy([]);
  evaluator.begin({ dataset });
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
});

it('sudoku-validity refuses other tasks', () => {
  const evaluator = new SudokuValidity();
  for (const other of [{ task: 'maze' }, { seqLen: 25 }]) {
    expect(() => evaluator.begin({ dataset: { ...dataset, ...other } })).toThrow(
      expect.objectContaining({ code: 'NOT_A_SUDOKU' }),
    );
  }
});

const mazeRow = (input: string, label: string, preds: string, rating: number) => {
  const cells = (text: string) => Int32Array.from(text, (cell) => 1 + '# SGo'.indexOf(cell));
  return {
    ...{ input: cells(input), label: cells(label), puzzleIdentifier: 0, rating },
    outputs: { preds: { shape: [16], dtype: 'int32' as const, data: cells(preds) } },
  };
};
const OPEN = 'S    ##  ##    G';
const LABEL = 'S   o## o## oooG';
const mazeRows = [
  mazeRow(OPEN, LABEL, LABEL, 7),
  // As short, the other way round.
  mazeRow(OPEN, LABEL, 'Sooo ##o ##o   G', 7),
  // A gap.
  mazeRow(OPEN, LABEL, 'S   o##  ## oooG', 8),
  // Through a wall.
  mazeRow(OPEN, LABEL, 'So   o#  ##    G', 9),
  // Both ways at once: connected, but not one way.
  mazeRow(OPEN, LABEL, 'Soooo##oo##ooooG', 10),
  // A detour over free cells, the only way marked.
  mazeRow('S              G', LABEL, 'Soooooooo   oooG', 11),
  // A token that is no cell.
  mazeRow(OPEN, LABEL, LABEL.replace('S', '?'), 12),
];
const mazes: DatasetMetadata = { ...dataset, vocabSize: 6, task: 'maze' };

evaluatorSuite({
  name: 'maze-validity',
  metrics: mazeValidity.metrics,
  create: () => new MazeValidity(),
  dataset: mazes,
  rows: mazeRows,
  expected: {
    valid_path: 2 / 7,
    shortest_path: 2 / 7,
    other_shortest: 1 / 7,
    connects: 4 / 7,
    maze_kept: 5 / 7,
  },
});

evaluatorSuite({
  name: 'exact-accuracy, by quartiles of the ratings',
  metrics: exactAccuracy.metrics,
  create: () => new ExactAccuracy(),
  dataset: mazes,
  rows: mazeRows.slice(0, 5),
  expected: {
    cell_accuracy: (16 + 6 + 15 + 9 + 11) / 80,
    exact_accuracy: 1 / 5,
    'exact_accuracy/rating_7': 1 / 2,
    'examples/rating_7': 2,
    'exact_accuracy/rating_8': 0,
    'examples/rating_8': 1,
    'exact_accuracy/rating_9+': 0,
    'examples/rating_9+': 2,
  },
});

it('maze-validity refuses other tasks', () => {
  expect(() => new MazeValidity().begin({ dataset })).toThrow(
    expect.objectContaining({ code: 'NOT_A_MAZE' }),
  );
});

it('predictions writes every real row, in order', async () => {
  const evaluator = new Predictions(['inputs', 'labels', 'puzzle_identifiers', 'q_halt_logits']);
  expect(evaluator.requiredOutputs).toEqual(['q_halt_logits']);
  const start = {
    folder: folder.path,
    step: 7,
    split: 'test',
    dataset,
  } as Partial<EvaluationStart>;
  const rowsFrom = (first: number, count: number) => ({
    inputs: Int32Array.from({ length: 6 }, (_, i) => first * 2 + i),
    labels: Int32Array.from({ length: 6 }, (_, i) => -100 + first * 2 + i),
    puzzleIdentifiers: Int32Array.from({ length: 3 }, (_, i) => first + i),
    ...{ count, firstExample: first, ratings: null },
    outputs: {
      q_halt_logits: {
        ...{ shape: [3], dtype: 'float32' as const },
        data: Float32Array.from({ length: 3 }, (_, i) => (first + i) / 2),
      },
    },
  });
  // One that fails leaves rows behind; the next starts afresh.
  evaluator.begin(start as EvaluationStart);
  evaluator.update(rowsFrom(9, 3));
  evaluator.begin(start as EvaluationStart);
  evaluator.update(rowsFrom(0, 3));
  evaluator.update(rowsFrom(3, 1));
  expect(await evaluator.result()).toEqual({ metrics: {}, files: [PREDICTIONS_FILE] });
  expect(await readdir(folder.path)).toEqual([PREDICTIONS_FILE]);
  const tree = await readHostTree(join(folder.path, PREDICTIONS_FILE));
  expect(tree['inputs']).toMatchObject({ shape: [4, 2], dtype: 'int32' });
  expect([...tree['inputs']!.data]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect([...tree['labels']!.data].slice(-2)).toEqual([-94, -93]);
  expect([...tree['puzzle_identifiers']!.data]).toEqual([0, 1, 2, 3]);
  expect([...tree['q_halt_logits']!.data]).toEqual([0, 0.5, 1, 1.5]);
});
