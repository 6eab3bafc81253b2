/** Errors about files, whatever is in them. */
import { EddyError } from '@eddy/tensor/errors';

/** @param bytes  the size of the file that the pointer stands for; undefined where it does not say. */
export function gitLfsPointer(file: string, bytes: string | undefined): EddyError {
  return new EddyError({
    code: 'GIT_LFS_POINTER',
    message: 'this is a Git LFS pointer, not the file that it stands for',
    at: file,
    expected: bytes === undefined ? 'the file itself' : `the file itself, ${bytes} bytes`,
    received: 'a text that begins with "version https://git-lfs.github.com/spec/"',
    fix: 'in the repository of the file, run: git lfs install && git lfs pull',
  });
}

/** @param kind  what the path leads to instead: a folder, a pipe … */
export function inputNotAFile(path: string, kind: string): EddyError {
  return new EddyError({
    code: 'INPUT_NOT_A_FILE',
    message: 'this path leads to no regular file',
    at: path,
    expected: 'a file',
    received: kind,
    fix: 'name a file; first write to a file what a pipe or a device gives',
    exitCode: 2,
  });
}

export function inputTooLarge(
  path: string,
  { what, maxBytes }: { readonly what: string; readonly maxBytes: number },
  bytes: number,
): EddyError {
  return new EddyError({
    code: 'INPUT_TOO_LARGE',
    message: `the file is larger than ${what} may be`,
    at: path,
    expected: `at most ${maxBytes} bytes`,
    received: `${bytes} bytes or more`,
    fix: 'check that the path names the right file; a larger one is not read',
    exitCode: 2,
  });
}
