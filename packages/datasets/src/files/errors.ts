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
  /** Through which it was asked. */
  readonly proxy: string | undefined;
  readonly received: string;
  readonly cause?: unknown;
}): EddyError {
  const network =
    facts.proxy === undefined
      ? 'check the network (behind a proxy, set HTTPS_PROXY)'
      : 'check the proxy (HTTPS_PROXY, NO_PROXY)';
  return new EddyError({
    code: 'DOWNLOAD_FAILED',
    message: `${facts.repo} ${facts.file} could not be downloaded`,
    at: facts.proxy === undefined ? facts.hubUrl : `${facts.hubUrl}, through the proxy ${facts.proxy}`, // prettier-ignore
    received: facts.received,
    fix: `${network}, the repository and the revision, name a mirror (HF_ENDPOINT=URL or build.dataset.source.hub.hubUrl=URL), or local files: build.dataset.source.csv.train=FILE`,
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

export function hubEndpointInvalid(received: string): EddyError {
  return new EddyError({
    code: 'HUB_ENDPOINT_INVALID',
    message: 'the environment names no address as the hub',
    at: 'environment variable HF_ENDPOINT',
    expected: 'a URL with http:// or https://',
    received,
    fix: 'set HF_ENDPOINT to the address of a mirror, or unset it',
    exitCode: 2,
  });
}
