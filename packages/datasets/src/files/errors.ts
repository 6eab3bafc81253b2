/** Errors of data files and their download. */
import { EddyError } from '@eddy/tensor/errors';

export function dataFileMissing(file: string, tried: readonly string[]): EddyError {
  return new EddyError({
    code: 'DATA_FILE_MISSING',
    message: 'there is no such data file',
    at: tried.join(', '),
    expected: 'a file',
    received: file,
    fix: 'check the path: it starts at the folder of the pipeline file, or at the working folder',
    exitCode: 2,
  });
}

export function dataNotCached(repo: string, file: string, cached: string): EddyError {
  return new EddyError({
    code: 'DATA_NOT_CACHED',
    message: `${repo} ${file} would have to be downloaded, and offline is set`,
    at: cached,
    fix: 'run once without --offline, or name local files: build.dataset.source.csv.train=FILE',
  });
}

export function downloadFailed(facts: {
  readonly repo: string;
  readonly file: string;
  readonly hubUrl: string;
  readonly received: string;
  readonly cause?: unknown;
}): EddyError {
  return new EddyError({
    code: 'DOWNLOAD_FAILED',
    message: `${facts.repo} ${facts.file} could not be downloaded`,
    at: facts.hubUrl,
    received: facts.received,
    fix: 'check the network, the repository and the revision, or name local files: build.dataset.source.csv.train=FILE',
    cause: facts.cause,
  });
}

export function checksumMismatch(file: string, expected: string, received: string): EddyError {
  return new EddyError({
    code: 'CHECKSUM_MISMATCH',
    message: 'a downloaded file is not the one that was asked for',
    at: file,
    expected: `sha256 ${expected}`,
    received: `sha256 ${received}`,
    fix: 'pin another revision or checksum; the file was not kept',
  });
}
