/** Mazes as a dataset: rows → tokens, with the reference's metadata. */
import { MAZE_PAD_TOKEN, MAZE_VOCAB_SIZE, mazeTokensOf } from '@eddy/puzzles';
import type { DatasetSource } from '@eddy/core';

import { gridSource } from '../rows/grid-source.ts';
import type { RowChoice, RowSource } from '../rows/rows.ts';
import type { MazeRow } from './maze-row.ts';
import { mazeSymmetries } from './maze-symmetries.ts';
import { mazeText } from './text.ts';

export interface MazeSourceOptions extends RowChoice {
  /** Rows and columns. */
  readonly size: number;
}

/**
 * @reference SamsungSAILMontreal/TinyRecursiveModels@e7b6871 dataset/build_maze_dataset.py; its
 * subsample is not seeded.
 */
export function mazeSource(options: MazeSourceOptions, source: RowSource<MazeRow>): DatasetSource {
  const mazes = {
    vocabSize: MAZE_VOCAB_SIZE,
    padToken: MAZE_PAD_TOKEN,
    text: mazeText(options.size),
    symmetries: mazeSymmetries,
    example: ({ question, answer, rating }: MazeRow) => ({
      input: mazeTokensOf(question),
      label: mazeTokensOf(answer),
      rating,
    }),
  };
  return gridSource(mazes, options, source);
}
