/** When two Sudokus are the same puzzle: by their givens, whatever the answers. */
import type { Example, ExampleSymmetries } from '@eddy/core';
import {
  canonicalSudoku,
  clueProfile,
  sudokuGridOf,
  type SudokuRules,
  sudokuRules,
  sudokuSizeOf,
} from '@eddy/puzzles';

import { notASudoku } from './errors.ts';

export const sudokuSymmetries: ExampleSymmetries = {
  task: 'sudoku',
  canonicalKey: ({ input }) => canonicalSudoku(sudokuGridOf(input), rulesOf(input)),
  fingerprint: ({ input }) => clueProfile(sudokuGridOf(input), rulesOf(input)),
};

/** @throws NOT_A_SUDOKU */
export function rulesOf(input: Example['input']): SudokuRules {
  const size = sudokuSizeOf(input.length);
  if (size === undefined) throw notASudoku(`${input.length} tokens`);
  return sudokuRules(size);
}
