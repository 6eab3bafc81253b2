/** Every error of this package, alphabetical by code. */
import { EddyError, type ConfigProblem } from '@eddy/core';

/** A model was created from options that its `check` refuses. */
export function modelConfigInvalid(model: string, problems: readonly ConfigProblem[]): EddyError {
  const [first] = problems;
  return new EddyError({
    code: 'MODEL_CONFIG_INVALID',
    message: `${model}: ${problems.map((problem) => problem.message).join('; ')}`,
    at: first!.path.join('.'),
    expected: first!.expected,
    received: first!.received,
    fix: first!.fix,
    exitCode: 2,
  });
}

/** A checkpoint of the reference lacks a tensor, or has one of another shape. */
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
