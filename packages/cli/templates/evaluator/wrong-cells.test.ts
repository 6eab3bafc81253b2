import { evaluatorSuite, exampleMetadata, pluginSuite } from '@eddy/core/testing';

import plugin, { WrongCells } from './wrong-cells.ts';

pluginSuite({ plugin });

const preds = (...data: number[]) => ({
  preds: { shape: [4], dtype: 'int32' as const, data: Int32Array.from(data) },
});
const row = (label: number[], answer: number[]) => ({
  input: Int32Array.of(1, 2, 3, 4),
  label: Int32Array.from(label),
  puzzleIdentifier: 0,
  rating: 0,
  outputs: preds(...answer),
});

evaluatorSuite({
  name: 'wrong-cells',
  create: () => new WrongCells(2),
  metrics: plugin.metrics,
  dataset: { ...exampleMetadata, numPuzzleIdentifiers: 1, splits: {} },
  rows: [
    row([1, 2, 3, 4], [1, 2, 3, 4]), // none wrong
    row([1, 2, 3, 4], [1, 2, 4, 3]), // two wrong
    row([1, -100, 3, 4], [2, 5, 3, 4]), // one wrong; −100 is not scored
  ],
  expected: { wrong_cells: 1 },
});
