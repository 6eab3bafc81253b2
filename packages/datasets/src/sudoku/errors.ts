/** Errors of Sudoku data. */
import { EddyError } from '@eddy/tensor/errors';

export function notASudoku(tokens: number): EddyError {
  return new EddyError({
    code: 'NOT_A_SUDOKU',
    message: 'sudoku-shuffle was given something else than a Sudoku',
    expected: 'examples of 16, 36 or 81 tokens',
    received: `${tokens} tokens`,
    fix: 'use the augmentation that belongs to the dataset',
    exitCode: 2,
  });
}
