/** Errors of data files and their download. */
import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { nearest } from '@eddy/core/config';
import { EddyError } from '@eddy/tensor/errors';

export function dataFileMissing(file: string, tried: readonly string[]): EddyError {
  return new EddyError({
    code: 'DATA_FILE_MISSING',
    message: 'the data file does not exist',
    at: tried.join(', '),
    expected: 'a file',
    received: file,
    fix: missingFileFix(file, tried),
    exitCode: 2,
  });
}

/** The file beside the missing one that has nearly its name, or the place to put it. */
function missingFileFix(file: string, tried: readonly string[]): string {
  for (const path of tried) {
    const near = nearest(basename(path), namesIn(dirname(path)));
    if (near !== undefined) return `did you mean ${join(dirname(file), near)}?`;
  }
  return `put the file at ${tried[0]}, or correct the path in the pipeline`;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // there is no such folder either
  }
}

export function dataNotCached(repo: string, file: string, cached: string): EddyError {
  return new EddyError({
    code: 'DATA_NOT_CACHED',
    message: `${repo} ${file} would have to be downloaded, but offline is set`,
    at: cached,
    fix: 'run once without --offline (EDDY_OFFLINE, offline of the settings), or name local files: `build.dataset.source.csv.train=FILE`',
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
    fix: `${network}, the repository and the revision, name a mirror (\`export HF_ENDPOINT=URL\` or \`build.dataset.source.hub.hubUrl=URL\`), or local files: \`build.dataset.source.csv.train=FILE\``,
    cause: facts.cause,
  });
}

/** @param pinned  the split whose checksum the pipeline pins; undefined where the hub states it */
export function checksumMismatch(
  file: string,
  expected: string,
  received: string,
  pinned: string | undefined,
): EddyError {
  return new EddyError({
    code: 'CHECKSUM_MISMATCH',
    message: 'a downloaded file has the wrong checksum',
    at: file,
    expected: `sha256 ${expected}`,
    received: `sha256 ${received}`,
    fix:
      pinned === undefined
        ? 'run it again; if it is damaged again, name a mirror: `export HF_ENDPOINT=URL`'
        : `pin the revision that you want, or, if the downloaded file is right, set its checksum: \`build.dataset.source.hub.sha256.${pinned}=${received}\``,
  });
}

export function hubEndpointInvalid(received: string): EddyError {
  return new EddyError({
    code: 'HUB_ENDPOINT_INVALID',
    message: 'the address of the hub is not a URL',
    at: 'environment variable HF_ENDPOINT',
    expected: 'a URL with http:// or https://',
    received,
    fix: '`unset HF_ENDPOINT`, or set it to the address of a mirror: `export HF_ENDPOINT=https://MIRROR`',
    exitCode: 2,
  });
}
