/** The kinds of puzzles that a page knows; anything else is a grid of numbers. */
import { ARC_VOCAB_SIZE, MAZE_VOCAB_SIZE, SUDOKU_SIZES, type SudokuSize } from '@eddy/puzzles';

import type { ModelFacts } from '../../model/web-model.ts';
import { arcKind } from './arc.ts';
import { mazeKind } from './maze.ts';
import { numbersKind } from './numbers.ts';
import type { PuzzleKind } from './puzzle-kind.ts';
import { sudokuKind } from './sudoku.ts';

export type { PuzzleKind, Violations } from './puzzle-kind.ts';

/** Returns what a page does with the puzzles of a model. */
export function puzzleKindOf({ task, grid, seqLen, vocabSize }: ModelFacts): PuzzleKind {
  const { rows, cols } = grid;
  const isSquare = rows === cols && rows * cols === seqLen;
  // A plugin may use the name of a task for tokens of its own.
  const isOf = (name: string, tokens: number) => task === name && isSquare && vocabSize === tokens;
  if (isSudokuSize(rows) && isOf('sudoku', rows + 2)) return sudokuKind(rows);
  if (isOf('maze', MAZE_VOCAB_SIZE)) return mazeKind(rows);
  if (isOf('arc', ARC_VOCAB_SIZE)) return arcKind(rows);
  return numbersKind({ seqLen, vocabSize });
}

function isSudokuSize(size: number): size is SudokuSize {
  return (SUDOKU_SIZES as readonly number[]).includes(size);
}
