/** Errors of the engines that live in a process of their own. Alphabetical by code. */
import { EddyError, InternalError } from '@eddy/core';

import type { Failure } from './protocol.ts';

export function bindConflict(facts: { program: string; target: string; names: string[] }): EddyError {
  return new EddyError({
    code: 'BIND_CONFLICT',
    message: `two state tensors of "${facts.program}" are bound to one device tensor`,
    at: facts.names.join(', '),
    expected: 'each state name bound to a tensor of its own, since its buffer is donated',
    received: `both bound to "${facts.target}"`,
    fix: 'give each its own name, copying the tensor with DeviceTree.copy first',
  });
}

export function engineDied(facts: {
  engine: string;
  reason: string;
  stderr: readonly string[];
}): EddyError {
  const lines = facts.stderr.length === 0 ? 'no message' : facts.stderr.join('\n            ');
  return new EddyError({
    code: 'ENGINE_DIED',
    message: `the process of engine ${facts.engine} is gone: ${facts.reason}`,
    expected: 'an engine process that outlives the run',
    received: lines,
    fix: 'continue from the last checkpoint with `pipeline resume RUN`; if it was killed for want of memory, lower train.microBatchSize',
    exitCode: 1,
  });
}

export function engineDisposed(engine: string): EddyError {
  return new EddyError({
    code: 'ENGINE_DISPOSED',
    message: `engine ${engine} was used after it was disposed`,
    fix: 'make a new engine',
  });
}

/** What the plugin said, in Eddy's terms. */
export function failureToError(failure: Failure, at: string): Error {
  if (failure.kind === 'internal') return new InternalError(failure.message);
  if (failure.code === 'RESOURCE_EXHAUSTED') return outOfMemory({ at, message: failure.message });
  return new EddyError({
    code: 'PLUGIN_FAILED',
    message: `the XLA plugin refused ${failure.call}: ${failure.code}`,
    at,
    received: failure.message,
    fix: 'report this with the program that was compiled (EDDY_DUMP_STABLEHLO=<folder> writes it)',
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
    message: `"${facts.program}" was given something else than it was compiled for`,
    at: facts.input,
    expected: facts.expected,
    received: facts.received,
    fix: 'compile a program for these shapes, or bring the tensor into the expected one',
  });
}

function outOfMemory(facts: { at: string; message: string }): EddyError {
  return new EddyError({
    code: 'OUT_OF_MEMORY',
    message: 'the device has no memory left for this program',
    at: facts.at,
    received: facts.message,
    fix: 'lower train.microBatchSize (the result stays the same), or model sizes',
  });
}

export function pluginNotLoaded(facts: { engine: string; path: string; message: string }): EddyError {
  return new EddyError({
    code: 'PLUGIN_NOT_LOADED',
    message: `the plugin of engine ${facts.engine} could not be started`,
    at: facts.path,
    received: facts.message,
    fix: `run \`pipeline doctor\`; to fetch the plugin anew, \`pipeline engines install ${facts.engine}\``,
  });
}

export function stateMissing(facts: {
  program: string;
  name: string;
  have: readonly string[];
}): EddyError {
  return new EddyError({
    code: 'STATE_MISSING',
    message: `"${facts.program}" needs a tensor that the device tree does not hold`,
    at: facts.name,
    expected: `"${facts.name}" in the tree`,
    received: facts.have.length === 0 ? 'an empty tree' : facts.have.join(', '),
    fix: 'write it before the run, or bind the name to another tensor',
  });
}
