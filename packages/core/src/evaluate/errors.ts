/** Errors of asking a model for one answer. */
import { EddyError } from '@eddy/tensor/errors';

export function outputsMissing(missing: readonly string[], has: readonly string[]): EddyError {
  return new EddyError({
    code: 'MODEL_OUTPUT_MISSING',
    message: 'the model does not provide the outputs that are requested',
    expected: `the outputs ${missing.join(', ')}`,
    received: has.join(', '),
    fix: `add ${missing.join(', ')} to outputs of the model and to what its step returns, or remove what requests them (an evaluator)`,
    exitCode: 2,
  });
}
