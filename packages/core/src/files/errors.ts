/** Errors about files, whatever is in them. */
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { EddyError, shellWord } from '@eddy/tensor/errors';

/** @param bytes  the size of the file that the pointer stands for; undefined where it does not say. */
export function gitLfsPointer(file: string, bytes: string | undefined): EddyError {
  return new EddyError({
    code: 'GIT_LFS_POINTER',
    message: 'this is a Git LFS pointer, not the file itself',
    at: file,
    expected: bytes === undefined ? 'the file itself' : `the file itself, ${bytes} bytes`,
    received: 'a text that begins with "version https://git-lfs.github.com/spec/"',
    fix: `fetch the files of the repository: \`git lfs install && git -C ${shellWord(dirname(file))} lfs pull\``,
  });
}

/** @param kind  what the path leads to instead: a folder, a pipe … */
export function inputNotAFile(path: string, kind: string): EddyError {
  return new EddyError({
    code: 'INPUT_NOT_A_FILE',
    message: 'this path is not a regular file',
    at: path,
    expected: 'a file',
    received: kind,
    fix:
      kind === 'a folder'
        ? `name a file in it${firstFile(path)}`
        : `write its content to a file, and name that file: \`cat ${shellWord(path)} > FILE\``,
    exitCode: 2,
  });
}

function firstFile(folder: string): string {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map(({ name }) => name);
  return names.length === 0 ? '' : `, such as ${join(folder, names.sort()[0]!)}`;
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
    fix: `name another file: ${what} is smaller`,
    exitCode: 2,
  });
}
