/** Errors of `pipeline ui`. */
import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { nearest } from '@eddy/core/config';
import { EddyError } from '@eddy/tensor/errors';

export function hostNotLoopback(host: string): EddyError {
  return new EddyError({
    code: 'UI_HOST_NOT_LOOPBACK',
    message: 'the page is served to this machine only',
    expected: 'localhost, 127.0.0.1 or ::1 as --host',
    received: host,
    fix: 'listen on this machine, `--host 127.0.0.1`, and forward the port from the other: ssh -L 8265:127.0.0.1:8265 HOST pipeline ui --port 8265',
    exitCode: 2,
  });
}

export function portTaken(port: number, cause: unknown): EddyError {
  return new EddyError({
    code: 'UI_PORT_TAKEN',
    message: 'this port is not available',
    expected: 'a free port that this user may use',
    received: `${port}: ${cause instanceof Error ? cause.message : String(cause)}`,
    fix: 'use a free port, `--port 0`, or name another',
    cause,
    exitCode: 2,
  });
}

export function folderNotFound(folder: string): EddyError {
  return new EddyError({
    code: 'UI_FOLDER_NOT_FOUND',
    message: 'the folder does not exist',
    at: folder,
    expected: 'a folder of runs, a run, or a sweep',
    received: 'none',
    fix: placeFix(folder),
    exitCode: 2,
  });
}

function placeFix(folder: string): string {
  const near = nearest(basename(folder), foldersIn(dirname(folder)));
  return near === undefined
    ? 'name a folder that exists, or run the command without it where runs/ is: `pipeline ui`'
    : `did you mean ${join(dirname(folder), near)}?`;
}

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // the folder does not exist either
  }
}

export function pageNotBuilt(folder: string, cause: unknown): EddyError {
  return new EddyError({
    code: 'UI_PAGE_NOT_BUILT',
    message: 'the page is not bundled',
    at: folder,
    expected: 'page.js and page.css',
    received: cause instanceof Error ? cause.message : String(cause),
    fix: 'bundle it, in the checkout: `npm run build`',
    cause,
  });
}
