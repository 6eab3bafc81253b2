/** Mazes as a dataset: rows → tokens, with the reference's metadata. */
import type { DatasetSource, Example, PuzzleGroup } from '@eddy/core';

import { chosenRows, type RowChoice, type RowSource } from '../rows/rows.ts';
import type { MazeRow } from './maze-row.ts';
import { mazeSymmetries } from './maze-symmetries.ts';
import { mazeText } from './text.ts';
import { MAZE_PAD_TOKEN, MAZE_VOCAB_SIZE, mazeTokensOf } from './maze-tokens.ts';

export interface MazeSourceOptions extends RowChoice {
  /** Rows and columns. */
  readonly size: number;
}

/**
 * @reference SamsungSAILMontreal/TinyRecursiveModels@e7b6871 dataset/build_maze_dataset.py; its
 * subsample is not seeded.
 */
export function mazeSource(options: MazeSourceOptions, source: RowSource<MazeRow>): DatasetSource {
  const { size } = options;
  const shape = {
    vocabSize: MAZE_VOCAB_SIZE,
    seqLen: size * size,
    grid: { rows: size, cols: size },
    task: 'maze',
  };
  return {
    describe: () => ({ ...shape, numPuzzleIdentifiers: 1 }),
    metadata: () => ({
      ...shape,
      padId: MAZE_PAD_TOKEN,
      ignoreLabelId: MAZE_PAD_TOKEN,
      blankIdentifierId: 0,
    }),
    splits: source.splits,
    groups: (split, signal) => groupsOf(chosenRows(options, source, split, signal)),
    identifiers: () => ['<blank>'],
    fingerprint: () => source.fingerprint(),
    symmetries: mazeSymmetries,
    ...mazeText(size),
  };
}

async function* groupsOf(rows: AsyncIterable<MazeRow>): AsyncGenerator<PuzzleGroup> {
  for await (const { question, answer, rating } of rows) {
    const example: Example = { input: mazeTokensOf(question), label: mazeTokensOf(answer), rating };
    yield { puzzles: [{ identifier: 0, examples: [example] }] };
  }
}
