import { expect, it } from 'vitest';

import { evaluationBatches } from './evaluation-batches.ts';
import { numberedGroups, splitOf } from '../testing/example-dataset.ts';

it('keeps the order and pads the last batch', () => {
  const data = splitOf('test', numberedGroups([[2, 1], [1], [1]]));
  const batches = [...evaluationBatches({ ...data, batchSize: 3 })];
  expect(batches.map((b) => [b.firstExample, b.count])).toEqual([
    [0, 3],
    [3, 2],
  ]);
  const [first, last] = batches;
  expect([...first!.inputs]).toEqual([0, 0, 1, 2, 0, 1, 1, 2, 0, 2, 1, 2]);
  expect([...first!.puzzleIdentifiers]).toEqual([0, 0, 1]);
  expect([...last!.inputs]).toEqual([1, 0, 1, 2, 2, 0, 1, 2, 0, 0, 0, 0]);
  expect([...last!.labels]).toEqual([-100, -100, 3, 4, -100, -100, 3, 4, ...Array(4).fill(-100)]);
  expect([...last!.ratings!]).toEqual([10, 20]);
});

it('stops at maxExamples', () => {
  const data = splitOf('test', numberedGroups([[2, 1], [1], [1]]));
  const batches = [...evaluationBatches({ ...data, batchSize: 3, maxExamples: 4 })];
  expect(batches.map((b) => b.count)).toEqual([3, 1]);
});
