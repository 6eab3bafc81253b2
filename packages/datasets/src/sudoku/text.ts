/** Single Sudokus as people write and read them. */
import {
  formatSudokuTokens,
  readSudokuText,
  violationsOfSudokuTokens,
  type SudokuRules,
} from '@eddy/puzzles';

import { readOrThrow } from '../text/errors.ts';
import type { PuzzleText } from '../text/puzzle-text.ts';

export const sudokuText = (rules: SudokuRules): PuzzleText => ({
  parse: (text) => ({ puzzles: [{ input: readOrThrow(readSudokuText(text, rules)) }] }),
  format: formatSudokuTokens,
  violations: (input, answer) => violationsOfSudokuTokens(input, answer, rules),
});
