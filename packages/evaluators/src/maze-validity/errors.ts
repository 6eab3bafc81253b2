/** Errors of judging maze answers. */
import { EddyError } from '@eddy/tensor/errors';
import type { MetadataWithoutSizes } from '@eddy/core';

export function notAMaze(dataset: MetadataWithoutSizes): EddyError {
  const { rows, cols } = dataset.grid;
  return new EddyError({
    code: 'NOT_A_MAZE',
    message: 'maze-validity can only judge mazes',
    expected: 'a dataset of the task maze, a token for each cell of its grid',
    received: `task ${dataset.task}, ${dataset.seqLen} tokens, a grid of ${rows} × ${cols}`,
    fix: 'remove maze-validity from evaluate.evaluators',
    exitCode: 2,
  });
}
