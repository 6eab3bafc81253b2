/** Errors between a model and checkpoints of its original implementation. */
import { EddyError } from '@eddy/tensor/errors';

/** A checkpoint of the original lacks a tensor, has one of another shape, or one too many. */
export function stateDictMismatch(facts: {
  readonly name: string;
  readonly expected: string;
  readonly received: string;
}): EddyError {
  return new EddyError({
    code: 'STATE_DICT_MISMATCH',
    message: 'the state_dict does not fit this model',
    at: facts.name,
    expected: facts.expected,
    received: facts.received,
    fix: 'create the model with the options that the checkpoint was trained with',
  });
}

/** The model does not say what its tensors are called in an original implementation. */
export function stateDictUnknown(): EddyError {
  return new EddyError({
    code: 'STATE_DICT_UNKNOWN',
    message: 'the model has no original implementation to exchange checkpoints with',
    at: 'Model.referenceTensors',
    expected: 'the name in the state_dict of each tensor of the model',
    received: 'nothing',
    fix: 'state the names in the model, or use the checkpoint’s safetensors as they are',
    exitCode: 2,
  });
}
