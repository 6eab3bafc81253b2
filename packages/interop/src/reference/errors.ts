/** Errors of command lines of the reference. */
import { nearest } from '@eddy/core';
import { EddyError } from '@eddy/tensor/errors';

export function referenceCommandInvalid(text: string, cause: Error): EddyError {
  const column = 'column' in cause ? `, column ${String(cause.column)} of an override` : '';
  return new EddyError({
    code: 'REFERENCE_COMMAND_INVALID',
    message: cause.message,
    at: `command line${column}`,
    expected: 'commands as in the reference’s README: python pretrain.py arch=trm lr=1e-4 …',
    received: text.length > 200 ? `${text.slice(0, 200)}…` : text,
    fix: 'fix' in cause ? String(cause.fix) : 'put the whole command line into single quotes',
    cause,
    exitCode: 2,
  });
}

/** @param dump  what the file holds instead. */
export function dumpInvalid(dump: Readonly<Record<string, unknown>>): EddyError {
  const keys = Object.keys(dump);
  return new EddyError({
    code: 'REFERENCE_DUMP_INVALID',
    message: 'this file is not the configuration of a run of the reference',
    at: 'arch.name',
    expected: 'all_config.yaml as the reference writes it into the folder of a run, with arch.name',
    received: keys.length === 0 ? 'an empty file' : `the keys ${keys.slice(0, 8).join(', ')}`,
    fix: 'name the all_config.yaml of a run, or give the command line that started it',
    exitCode: 2,
  });
}

export function archUnknown(name: string, known: readonly string[]): EddyError {
  const near = nearest(name, known);
  return new EddyError({
    code: 'REFERENCE_ARCH_UNKNOWN',
    message: 'the reference has no such arch',
    at: 'arch',
    expected: `one of ${known.join(', ')}`,
    received: name,
    fix: near === undefined ? 'name one of them' : `did you mean ${near}?`,
    exitCode: 2,
  });
}
