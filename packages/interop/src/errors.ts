/** Errors about files and commands of other tools. */
import { nearest } from '@eddy/core';
import { EddyError } from '@eddy/tensor/errors';

/** Everything a PyTorch file can be refused for: the first thing that is not a plain state dict. */
export function torchFileRefused(facts: {
  readonly file: string;
  /** Record of the archive and byte in it, or a byte of the file. */
  readonly place: string;
  readonly message: string;
  readonly expected: string;
  readonly received: string;
  readonly fix?: string;
  readonly cause?: unknown;
}): EddyError {
  return new EddyError({
    code: 'TORCH_FILE_REFUSED',
    message: facts.message,
    at: `${facts.file}, ${facts.place}`,
    expected: facts.expected,
    received: facts.received,
    fix:
      facts.fix ??
      'nothing in the file was run; save it again with torch.save(model.state_dict(), …), or do not trust it',
    cause: facts.cause,
  });
}

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

export function torchFileTooLarge(path: string, bytes: number, limit: number): EddyError {
  return new EddyError({
    code: 'TORCH_FILE_TOO_LARGE',
    message: 'the weights do not fit into one PyTorch file of ours',
    at: path,
    expected: `at most ${limit} bytes`,
    received: `${bytes} bytes`,
    fix: 'export as safetensors',
  });
}
