import { augmentationSuite, datasetSuite } from '@eddy/core/testing';
import type { Augmentation, DatasetSource } from '@eddy/core';
import {
  drawPuzzle,
  isCompletion,
  mazeOf,
  mazeTokensOf,
  sudokuGridOf,
  sudokuRules,
  type SudokuSize,
  sudokuTokensOf,
  symmetryFingerprint,
} from '@eddy/puzzles';
import { randomStream } from '@eddy/core';
import { canonicalMaze, drawMaze, judgeAnswer, type MazePuzzle } from '@eddy/puzzles';
import dihedral from './dihedral/dihedral.plugin.ts';
import maze from './maze/maze.plugin.ts';
import sudokuShuffle from './sudoku-shuffle/sudoku-shuffle.plugin.ts';
import sudoku from './sudoku/sudoku.plugin.ts';

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
  const datasetShape = {
    task: 'sudoku',
    vocabSize: size + 2,
    seqLen: size * size,
    grid: { rows: size, cols: size },
  };
  augmentationSuite({
    name: `sudoku-shuffle, size ${size}`,
    create: (options) =>
      sudokuShuffle.create(sudokuShuffle.config.parse(options), { datasetShape }) as Augmentation,
    metadata: { vocabSize: size + 2, seqLen: size * size },
    examples: [0, 1, 2].map((seed) => {
      const { givens, solution } = drawPuzzle(rules, randomStream(seed));
      return { input: sudokuTokensOf(givens), label: sudokuTokensOf(solution) };
    }),
    isVersion: (version, original) =>
      isCompletion(sudokuGridOf(version.label), sudokuGridOf(version.input), rules) &&
      symmetryFingerprint(sudokuGridOf(version.input), rules) ===
        symmetryFingerprint(sudokuGridOf(original.input), rules),
  });
}

datasetSuite({
  name: 'maze, generated',
  create: () => {
    const source = { generator: { size: 6, train: 20, test: 5, minPathCells: 8 } };
    return maze.create(maze.config.parse({ source }), services) as DatasetSource;
  },
});

augmentationSuite({
  name: 'dihedral',
  create: () => {
    const datasetShape = {
      vocabSize: 6,
      seqLen: 64,
      grid: { rows: 8, cols: 8 },
      task: 'maze',
    };
    return dihedral.create(dihedral.config.parse({}), { datasetShape }) as Augmentation;
  },
  metadata: { vocabSize: 6, seqLen: 64 },
  examples: [0, 1, 2].map((seed) => {
    const { question, answer } = drawnMaze(seed);
    return { input: mazeTokensOf(question), label: mazeTokensOf(answer) };
  }),
  isVersion: (version, original) =>
    canonicalMaze(mazeOf(version.input)) === canonicalMaze(mazeOf(original.input)) &&
    judgeAnswer(mazeOf(version.input), mazeOf(version.label)).isShortest,
});

function drawnMaze(seed: number): MazePuzzle {
  for (let draw = 0; ; draw++) {
    const options = { size: 8, minWalls: 0.2, maxWalls: 0.4, minPathCells: 10, onePath: false };
    const drawn = drawMaze(options, randomStream(seed).stream(draw));
    if (drawn !== undefined) return drawn;
  }
}
