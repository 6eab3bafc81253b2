/** Errors of the engines that live in a process of their own. Alphabetical by code. */
import { EddyError, InternalError } from '@eddy/tensor/errors';

import type { Failure } from './protocol.ts';

/** @param stderr  the last lines that the process wrote. */
export function engineDied(facts: {
  engine: string;
  reason: string;
  stderr: readonly string[];
}): EddyError {
  return new EddyError({
    code: 'ENGINE_DIED',
    message: `the process of engine ${facts.engine} has ended: ${facts.reason}`,
    ...(facts.stderr.length > 0 && { received: facts.stderr.join('\n            ') }),
    fix: 'continue from the last checkpoint, `pipeline resume RUN`; if the kernel killed it because memory ran out, let Eddy choose a size that fits, `train.microBatchSize=auto`',
  });
}

export function engineDisposed(engine: string): EddyError {
  return new EddyError({
    code: 'ENGINE_DISPOSED',
    message: `engine ${engine} was used after it was disposed`,
    fix: 'create a new engine, and dispose of each engine after its last use',
  });
}

/** What went wrong in the engine process, in Eddy's terms. */
export function failureToError(
  failure: Failure,
  { engine, at }: { readonly engine: string; readonly at: string },
): Error {
  if (failure.kind === 'internal') return new InternalError(failure.message);
  if (failure.code === 'RESOURCE_EXHAUSTED') return outOfMemory({ at, message: failure.message });
  return new EddyError({
    code: 'PLUGIN_FAILED',
    message: `the library of engine ${engine} answered ${failure.call} with ${failure.code}`,
    at,
    received: failure.message.trim(),
    fix: 'use another engine (`pipeline engines` lists them), and report it with the program, which `export EDDY_DUMP_STABLEHLO=FOLDER` writes',
  });
}

function outOfMemory(facts: { at: string; message: string }): EddyError {
  return new EddyError({
    code: 'OUT_OF_MEMORY',
    message: 'the device has no memory left for this program',
    at: facts.at,
    received: facts.message,
    fix: 'let Eddy choose a size that fits, `train.microBatchSize=auto` (the result stays the same), or stop other programs that use the device’s memory, or use a smaller model',
  });
}

/** @param cause  of which it says what happened, not what to do where an engine has been at work. */
export function pluginNotLoaded(facts: { engine: string; path: string; cause: Error }): EddyError {
  const { cause } = facts;
  const words =
    cause instanceof EddyError
      ? [cause.facts.message, cause.facts.received].filter((text) => text !== undefined)
      : [loaderWords(cause)];
  return new EddyError({
    code: 'PLUGIN_NOT_LOADED',
    message: `the plugin of engine ${facts.engine} could not be started`,
    at: facts.path,
    received: words.join('\n            '),
    fix: 'name a library that exports GetPjrtApi and was built for this machine, or use another engine: `engine=auto`; `pipeline doctor` lists those that can run here',
    cause,
  });
}

/** What the loader said, without our own stack. */
function loaderWords({ message }: Error): string {
  return message.split('\n')[0]!.replace(/^internal: (?:Error: )?/, '');
}
