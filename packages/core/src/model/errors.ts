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
    fix: 'give the model the options that the weights were trained with: those of its all_config.yaml (`pipeline from-reference all_config.yaml`) or of its command',
  });
}

/** The model does not say what its tensors are called in an original implementation. */
export function stateDictUnknown(): EddyError {
  return new EddyError({
    code: 'STATE_DICT_UNKNOWN',
    message: 'the tensors of this model have no names in PyTorch, so there is no state_dict of it',
    at: 'Model.referenceTensors',
    expected: 'the name in the state_dict of each tensor of the model',
    received: 'no names',
    fix: 'export another format, `--format safetensors` or `--format onnx`, or give each parameter, buffer and table of the model its reference',
    exitCode: 2,
  });
}
