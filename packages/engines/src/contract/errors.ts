/** Errors of using an engine wrongly, the same for every engine. Alphabetical by code. */
import { EddyError } from '@eddy/tensor/errors';

export function bindConflict(facts: {
  program: string;
  target: string;
  names: readonly string[];
}): EddyError {
  return new EddyError({
    code: 'BIND_CONFLICT',
    message: `two state tensors of ${facts.program} are bound to one device tensor`,
    at: facts.names.join(', '),
    expected: 'each state name bound to its own tensor, because its memory is reused',
    received: `both bound to ${facts.target}`,
    fix: `write a tensor for each, \`tree.write({ … })\`, and bind each name to its own, or leave them unbound`,
  });
}

export function inputMismatch(facts: {
  program: string;
  input: string;
  expected: string;
  received: string;
}): EddyError {
  return new EddyError({
    code: 'INPUT_MISMATCH',
    message: `${facts.program} was called with values that it was not compiled for`,
    at: facts.input,
    expected: facts.expected,
    received: facts.received,
    fix: `give ${facts.input} as ${facts.expected}, or compile the program for these values`,
  });
}

export function stateMissing(facts: {
  program: string;
  name: string;
  have: readonly string[];
}): EddyError {
  return new EddyError({
    code: 'STATE_MISSING',
    message: `${facts.program} needs a tensor that is not on the device`,
    at: facts.name,
    expected: `${facts.name} in the device tree`,
    received: facts.have.length === 0 ? 'an empty tree' : facts.have.join(', '),
    fix: `write it before the run, \`tree.write({ ${JSON.stringify(facts.name)}: … })\`, or bind the name to another tensor`,
  });
}
