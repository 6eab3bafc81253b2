import { augmentationSuite, datasetSuite } from '@eddy/core/testing';
import type { Augmentation, DatasetSource } from '@eddy/core';
import {
  drawPuzzle,
  isCompletion,
  sudokuRules,
  symmetryFingerprint,
  type SudokuSize,
} from '@eddy/puzzles';
import { randomStream } from '@eddy/core';
import sudokuShuffle from './sudoku-shuffle/sudoku-shuffle.plugin.ts';
import sudoku from './sudoku/sudoku.plugin.ts';
import { gridOf, tokensOf } from './sudoku/tokens.ts';

const services = {
  configFolder: '.',
  cacheFolder: '.',
  offline: true,
  notify: () => undefined,
};

for (const size of [4, 6, 9] as SudokuSize[]) {
  datasetSuite({
    name: `sudoku, generated, size ${size}`,
    create: () => {
      const config = sudoku.config.parse({ source: { generator: { size, train: 20, test: 5 } } });
      return sudoku.create(config, services) as DatasetSource;
    },
  });

  const rules = sudokuRules(size);
  augmentationSuite({
    name: `sudoku-shuffle, size ${size}`,
    create: (options) =>
      sudokuShuffle.create(sudokuShuffle.config.parse(options), {}) as Augmentation,
    metadata: { vocabSize: size + 2, seqLen: size * size },
    examples: [0, 1, 2].map((seed) => {
      const { givens, solution } = drawPuzzle(rules, randomStream(seed));
      return { input: tokensOf(givens), label: tokensOf(solution) };
    }),
    isVersion: (version, original) =>
      isCompletion(gridOf(version.label), gridOf(version.input), rules) &&
      symmetryFingerprint(gridOf(version.input), rules) ===
        symmetryFingerprint(gridOf(original.input), rules),
  });
}
