/** Errors of mixtures of datasets. */
import { EddyError } from '@eddy/tensor/errors';

export function combinedDatasetsDiffer(facts: {
  readonly expected: string;
  readonly received: string;
}): EddyError {
  return new EddyError({
    code: 'COMBINED_DATASETS_DIFFER',
    message: 'one model cannot read these datasets: they do not describe the same kind of puzzle',
    fix: 'combine datasets with the same vocabulary, length and grid, or train on them separately',
    exitCode: 2,
    ...facts,
  });
}
