/** Every error of this package, alphabetical by code. */
import type { ConfigProblem } from '@eddy/core';
import { EddyError } from '@eddy/tensor/errors';

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

/** A part of a model (embedding, network, readout) does not keep to its contract. */
export function modelPartInvalid(facts: {
  readonly at: string;
  readonly expected: string;
  readonly received: string;
  readonly fix: string;
}): EddyError {
  return new EddyError({
    code: 'MODEL_PART_INVALID',
    message: 'a part of the model violates its contract',
    ...facts,
    exitCode: 2,
  });
}
