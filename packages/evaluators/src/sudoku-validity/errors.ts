/** Errors of judging Sudoku answers. */
import { EddyError } from '@eddy/tensor/errors';
import type { MetadataWithoutSizes } from '@eddy/core';

export function notASudoku(dataset: MetadataWithoutSizes): EddyError {
  return new EddyError({
    code: 'NOT_A_SUDOKU',
    message: 'sudoku-validity can only judge Sudokus',
    expected: 'a dataset of the task sudoku with 16, 36 or 81 cells',
    received: `task ${dataset.task}, ${dataset.seqLen} cells`,
    fix: 'remove sudoku-validity from evaluate.evaluators',
    exitCode: 2,
  });
}
