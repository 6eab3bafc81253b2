/** Errors about sweeps. */
import { EddyError } from '@eddy/tensor/errors';

export function sweepEmpty(): EddyError {
  return new EddyError({
    code: 'SWEEP_EMPTY',
    message: 'nothing is swept over',
    expected: 'an override with several values, or arms under ablate: in the file',
    received: 'neither',
    fix: "write for example 'train.optimizer.learningRate=1e-4,3e-4' 'seed=range(0,3)'",
    exitCode: 2,
  });
}

export function sweepTooBig(size: number, most: number): EddyError {
  return new EddyError({
    code: 'SWEEP_TOO_BIG',
    message: 'the sweep has too many trials',
    expected: `at most ${most}`,
    received: size.toLocaleString('en-US'),
    fix: 'sweep over fewer values, or draw some of them by --trials',
    exitCode: 2,
  });
}

export function trialsMissing(column: string): EddyError {
  return new EddyError({
    code: 'SWEEP_TRIALS_MISSING',
    message: `an interval has no grid: ${column}`,
    expected: 'a number of trials to draw',
    received: 'none',
    fix: 'add --trials 20, or sweep over single values',
    exitCode: 2,
  });
}

export function sweepNotFound(path: string): EddyError {
  return new EddyError({
    code: 'SWEEP_NOT_FOUND',
    message: 'no sweep lies here',
    at: path,
    expected: 'a folder with sweep.json',
    received: 'none',
    fix: 'name a folder below sweeps/',
    exitCode: 2,
  });
}

export function sweepManifestInvalid(path: string, cause: unknown): EddyError {
  return new EddyError({
    code: 'SWEEP_MANIFEST_INVALID',
    message: 'the list of trials cannot be read',
    at: path,
    expected: 'JSON as `pipeline sweep` writes it',
    received: cause instanceof Error ? cause.message : String(cause),
    fix: 'restore sweep.json from a copy, or start a new sweep',
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
    fix: 'mend or delete that line',
  });
}

export function sweepExists(path: string): EddyError {
  return new EddyError({
    code: 'SWEEP_EXISTS',
    message: 'a sweep lies in this folder already',
    at: path,
    expected: 'an empty or new folder',
    received: 'a folder with sweep.json',
    fix: 'add --resume auto to continue it, or choose another --sweep-dir',
    exitCode: 2,
  });
}

export function sweepChanged(path: string): EddyError {
  return new EddyError({
    code: 'SWEEP_CHANGED',
    message: 'the sweep in this folder has other trials',
    at: path,
    expected: 'the file and the overrides that the sweep started with',
    received: 'trials with other configs',
    fix: 'take another --sweep-dir, or continue the sweep as it was by `pipeline resume`',
    exitCode: 2,
  });
}

export function sweepStopped(path: string): EddyError {
  return new EddyError({
    code: 'SWEEP_STOPPED',
    message: 'the sweep was stopped on request',
    at: path,
    fix: `continue with: pipeline resume ${path}`,
    exitCode: 75,
  });
}

export function trialsFailed(failed: readonly string[], total: number, path: string): EddyError {
  return new EddyError({
    code: 'SWEEP_TRIALS_FAILED',
    message: `${failed.length} of ${total} trials failed`,
    at: path,
    received: failed.join(', '),
    fix: 'see output.log in the folders of these trials; the table has the others',
  });
}
