/** Errors of Sudoku data. */
import { EddyError } from '@eddy/tensor/errors';

export function notASudoku(received: string): EddyError {
  return new EddyError({
    code: 'NOT_A_SUDOKU',
    message: 'sudoku-shuffle works only with Sudoku datasets',
    expected: 'a dataset of the task sudoku with 16, 36 or 81 cells',
    received,
    fix: 'remove the augmentation, `~augment`, or name the one for this kind of puzzle: dihedral or arc-transform',
    exitCode: 2,
  });
}
