/** Errors about files, whatever is in them. */
import { dirname } from 'node:path';

import { EddyError } from '@eddy/tensor/errors';

/** @param bytes  the size of the file that the pointer stands for; undefined where it does not say. */
export function gitLfsPointer(file: string, bytes: string | undefined): EddyError {
  return new EddyError({
    code: 'GIT_LFS_POINTER',
    message: 'this is a Git LFS pointer, not the file that it stands for',
    at: file,
    expected: bytes === undefined ? 'the file itself' : `the file itself, ${bytes} bytes`,
    received: 'a text that begins with "version https://git-lfs.github.com/spec/"',
    fix: `fetch the files of the repository: \`git lfs install && git -C ${dirname(file)} lfs pull\``,
  });
}
