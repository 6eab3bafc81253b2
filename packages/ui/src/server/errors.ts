/** Errors of `pipeline ui`. */
import { EddyError } from '@eddy/tensor/errors';

export function hostNotLoopback(host: string): EddyError {
  return new EddyError({
    code: 'UI_HOST_NOT_LOOPBACK',
    message: 'the page is served to this machine only',
    expected: 'localhost, 127.0.0.1 or ::1 as --host',
    received: host,
    fix: 'leave --host out; from another machine: ssh -L 8265:127.0.0.1:8265 HOST pipeline ui --port 8265',
    exitCode: 2,
  });
}

export function portTaken(port: number, cause: unknown): EddyError {
  return new EddyError({
    code: 'UI_PORT_TAKEN',
    message: 'this port cannot be listened on',
    expected: 'a free port that this user may use',
    received: `${port}: ${cause instanceof Error ? cause.message : String(cause)}`,
    fix: 'name another --port, or leave it out to take a free one',
    cause,
    exitCode: 2,
  });
}

export function folderNotFound(folder: string): EddyError {
  return new EddyError({
    code: 'UI_FOLDER_NOT_FOUND',
    message: 'there is no such folder',
    at: folder,
    expected: 'a folder of runs, a run, or a sweep',
    received: 'none',
    fix: 'name a folder that exists, or run `pipeline ui` where runs/ is',
    exitCode: 2,
  });
}

export function pageNotBuilt(folder: string, cause: unknown): EddyError {
  return new EddyError({
    code: 'UI_PAGE_NOT_BUILT',
    message: 'the page is not bundled',
    at: folder,
    expected: 'page.js and page.css',
    received: cause instanceof Error ? cause.message : String(cause),
    fix: 'npm run build',
    cause,
  });
}
