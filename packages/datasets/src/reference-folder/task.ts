/** Which puzzle a folder holds: the reference's metadata do not say. */
import type { DatasetShape, ExampleSymmetries } from '@eddy/core';
import { MAZE_VOCAB_SIZE, sudokuRules, sudokuSizeOf } from '@eddy/puzzles';

import { arcSymmetries } from '../arc/arc-symmetries.ts';
import { arcText } from '../arc/text.ts';
import { mazeSymmetries } from '../maze/maze-symmetries.ts';
import { mazeText } from '../maze/text.ts';
import type { PuzzleText } from '../text/puzzle-text.ts';
import { sudokuSymmetries } from '../sudoku/sudoku-symmetries.ts';
import { sudokuText } from '../sudoku/text.ts';

/** Padding, end of the grid, ten colours, on a canvas of 30 × 30. */
const ARC = { vocabSize: 12, seqLen: 900 };

/** The task whose builder writes such tokens; `puzzle` where none does. */
export function taskOf({ vocabSize, seqLen }: Pick<DatasetShape, 'vocabSize' | 'seqLen'>): string {
  const size = sudokuSizeOf(seqLen);
  if (size !== undefined && vocabSize === size + 2) return 'sudoku';
  if (vocabSize === ARC.vocabSize && seqLen === ARC.seqLen) return 'arc';
  if (vocabSize === MAZE_VOCAB_SIZE && Number.isInteger(Math.sqrt(seqLen))) return 'maze';
  return 'puzzle';
}

/** A square if it can be one, else one row. */
export function gridOfLength(seqLen: number): DatasetShape['grid'] {
  const side = Math.sqrt(seqLen);
  return Number.isInteger(side) ? { rows: side, cols: side } : { rows: 1, cols: seqLen };
}

/** How people write its puzzles, where the task is one of ours. */
export function textOf(task: string, seqLen: number): PuzzleText | undefined {
  const side = Math.sqrt(seqLen);
  const size = sudokuSizeOf(seqLen);
  if (task === 'sudoku' && size !== undefined) return sudokuText(sudokuRules(size));
  if (task === 'maze' && Number.isInteger(side)) return mazeText(side);
  if (task === 'arc' && Number.isInteger(side)) return arcText(side);
  return undefined;
}

const SYMMETRIES: Readonly<Record<string, ExampleSymmetries>> = {
  sudoku: sudokuSymmetries,
  maze: mazeSymmetries,
  arc: arcSymmetries,
};

export function symmetriesOf(task: string): ExampleSymmetries | undefined {
  return SYMMETRIES[task];
}
