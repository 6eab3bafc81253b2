/** Errors of the eager engines. Alphabetical by code. */
import { adviceFor, isTraced } from '@eddy/compiler/engine';
import { EddyError } from '@eddy/tensor/errors';

export function kernelMissing(facts: {
  kernel: string;
  engine: string;
  program: string;
  cause: unknown;
}): EddyError {
  return new EddyError({
    code: 'KERNEL_MISSING',
    message: `engine ${facts.engine} has no kernel ${facts.kernel}`,
    at: facts.program,
    fix: isTraced(facts.kernel)
      ? 'use an engine that compiles it, `engine=xla-cpu`, or write it with operations that docs/compatibility.md lists for this engine'
      : adviceFor(facts.kernel),
    cause: facts.cause,
  });
}

export function stateChanged(facts: {
  program: string;
  name: string;
  expected: string;
  received: string;
}): EddyError {
  return new EddyError({
    code: 'STATE_CHANGED',
    message: `${facts.program} returned state that does not fit its declaration`,
    at: facts.name,
    expected: facts.expected,
    received: facts.received,
    fix: `return ${facts.name} as ${facts.expected}, or declare it in Program.state as ${facts.received}`,
  });
}
