/** Errors of the built-in stages. */
import { EddyError } from '@eddy/tensor/errors';

export function modelMissing(stage: string): EddyError {
  return new EddyError({
    code: 'MODEL_MISSING',
    message: 'a checkpoint on disk does not say which model reads it',
    at: `${stage}.model`,
    expected: 'the model that made the checkpoint',
    received: 'no model here, none in the pipeline and none in the checkpoint',
    fix: 'name it: `model: { use: trm, … }` with the options it was trained with',
    exitCode: 2,
  });
}
