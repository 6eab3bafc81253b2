/** Generated puzzles with one solution. */
import { drawPuzzle, formatSudoku, symmetryFingerprint, type SudokuRules } from '@eddy/puzzles';

import type { Generator } from '../rows/generated-rows.ts';
import type { SudokuRow } from './sudoku-row.ts';

/**
 * Puzzles with `minClues` to `maxClues` givens and a rating of at least `minRating`. (The solutions
 * cannot be kept apart at 4×4, where there are only 288 of them, in two classes.)
 */
export function sudokuGenerator(
  rules: SudokuRules,
  clues: { readonly min: number; readonly max: number },
  minRating: number,
): Generator<SudokuRow> {
  return {
    task: 'sudoku',
    version: 'sudoku-generator-1',
    draw(random) {
      const wanted = clues.min + random.integer(clues.max - clues.min + 1);
      const puzzle = drawPuzzle(rules, random, wanted);
      return puzzle.clues <= clues.max && puzzle.rating >= minRating ? puzzle : undefined;
    },
    text: ({ givens }) => formatSudoku(givens),
    symmetryClass: ({ givens }) => symmetryFingerprint(givens, rules),
  };
}
