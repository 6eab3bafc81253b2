/** Errors about sweeps. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { EddyError, shellWord } from '@eddy/tensor/errors';
import { nearest } from '../config/nearest.ts';

export function sweepEmpty(): EddyError {
  return new EddyError({
    code: 'SWEEP_EMPTY',
    message: 'there is nothing to sweep over',
    expected: 'an override with several values, or arms under ablate: in the file',
    received: 'neither',
    fix: 'give an override several values: `seed=0,1,2`, or train.optimizer.learningRate=1e-4,3e-4',
    exitCode: 2,
  });
}

export function sweepTooBig(size: number, most: number): EddyError {
  return new EddyError({
    code: 'SWEEP_TOO_BIG',
    message: 'the sweep has too many trials',
    expected: `at most ${most}`,
    received: size.toLocaleString('en-US'),
    fix: 'draw some of them, `--trials 100`, or sweep over fewer values',
    exitCode: 2,
  });
}

export function trialsMissing(column: string): EddyError {
  return new EddyError({
    code: 'SWEEP_TRIALS_MISSING',
    message: `an interval has no grid: ${column}`,
    expected: 'a number of trials to draw',
    received: 'none',
    fix: 'draw some, `--trials 20`, or sweep over single values',
    exitCode: 2,
  });
}

export function sweepNotFound(path: string): EddyError {
  return new EddyError({
    code: 'SWEEP_NOT_FOUND',
    message: 'there is no sweep here',
    at: path,
    expected: 'a folder with sweep.json',
    received: 'none',
    fix: placeFix(path),
    exitCode: 2,
  });
}

/** The folder that is meant, where a sweep lies beside or below this one. */
function placeFix(path: string): string {
  const near = nearest(basename(path), sweepsIn(dirname(path)));
  if (near !== undefined) return `did you mean ${join(dirname(path), near)}?`;
  const newest = sweepsIn(path).at(-1);
  return newest === undefined
    ? 'name the folder of a sweep, such as sweeps/NAME-TIME'
    : `name a sweep in it, such as ${join(path, newest)}`;
}

function sweepsIn(folder: string): string[] {
  try {
    const names = readdirSync(folder).sort();
    return names.filter((name) => existsSync(join(folder, name, 'sweep.json')));
  } catch {
    return []; // there is no such folder either
  }
}

export function sweepManifestInvalid(path: string, cause: unknown): EddyError {
  return new EddyError({
    code: 'SWEEP_MANIFEST_INVALID',
    message: 'the list of trials cannot be read',
    at: path,
    expected: 'JSON as `pipeline sweep` writes it',
    received: cause instanceof Error ? cause.message : String(cause),
    fix: `restore sweep.json from a copy, or start a new sweep in another folder: \`--sweep-dir ${shellWord(`${dirname(path)}-2`)}\``,
    cause,
  });
}

export function sweepJournalInvalid(path: string, line: number, received: string): EddyError {
  return new EddyError({
    code: 'SWEEP_JOURNAL_INVALID',
    message: 'a line of the sweep’s journal is not an entry',
    at: `${path}:${line}`,
    expected: 'one JSON object with a type, a trial and a time',
    received,
    fix: `correct that line, or delete it: \`sed -i ${line}d ${shellWord(path)}\``,
  });
}

export function sweepExists(path: string): EddyError {
  return new EddyError({
    code: 'SWEEP_EXISTS',
    message: 'this folder already contains a sweep',
    at: path,
    expected: 'an empty or new folder',
    received: 'a folder with sweep.json',
    fix: `continue it, \`--resume auto\`, or choose another folder: \`--sweep-dir ${shellWord(`${path}-2`)}\``,
    exitCode: 2,
  });
}

export function sweepChanged(path: string): EddyError {
  return new EddyError({
    code: 'SWEEP_CHANGED',
    message: 'the sweep in this folder has different trials',
    at: path,
    expected: 'the file and the overrides that the sweep started with',
    received: 'trials with different configs',
    fix: `choose another folder, \`--sweep-dir ${shellWord(`${path}-2`)}\`, or continue the sweep as it was: \`pipeline resume ${shellWord(path)}\``,
    exitCode: 2,
  });
}

export function sweepStopped(path: string): EddyError {
  return new EddyError({
    code: 'SWEEP_STOPPED',
    message: 'the sweep was stopped on request',
    at: path,
    fix: `continue it: \`pipeline resume ${shellWord(path)}\``,
    exitCode: 75,
  });
}

export function trialsFailed(failed: readonly string[], total: number, path: string): EddyError {
  return new EddyError({
    code: 'SWEEP_TRIALS_FAILED',
    message: `${failed.length} of ${total} trials failed`,
    at: path,
    received: failed.join(', '),
    fix: `read ${join(path, 'trials', failed[0]!, 'output.log')}, correct what it says, and start a new sweep: \`--sweep-dir ${shellWord(`${path}-2`)}\`; the table has the other trials`,
  });
}
