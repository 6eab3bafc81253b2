/** Errors of how a command ends. */
import { EddyError } from '@eddy/tensor/errors';

export function commandStopped(cause: unknown): EddyError {
  return new EddyError({
    code: 'COMMAND_STOPPED',
    message: 'stopped on request before there was a result',
    received: cause instanceof Error ? cause.message.split('\n')[0]! : String(cause),
    fix: 'run the command again; it reuses what it had put into the cache',
    exitCode: 75,
    cause,
  });
}

export function outputLost(cause: Error): EddyError {
  return new EddyError({
    code: 'OUTPUT_LOST',
    message: 'the output of this command could not be written to standard output',
    received: cause.message,
    fix: 'free space where standard output is written, or redirect it elsewhere, and run the command again',
    cause,
  });
}
