import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { readHostTree } from '../checkpoint/safetensors.ts';
import { freshFolder } from '../testing/fresh-folder.ts';
import { refuseGitLfsPointer, refuseGitLfsPointerFile } from './git-lfs.ts';

const folder = freshFolder();
const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0f'.repeat(32)}\nsize 12345\n`;

it('names the file and how to fetch it', async () => {
  const file = join(folder.path, 'w.safetensors');
  await writeFile(file, POINTER);
  const expected = {
    code: 'GIT_LFS_POINTER',
    facts: {
      at: file,
      expected: 'the file itself, 12345 bytes',
      fix: expect.stringMatching(/`git lfs install && git -C \S+ lfs pull`$/) as string,
    },
  };
  await expect(refuseGitLfsPointerFile(file)).rejects.toMatchObject(expected);
  await expect(readHostTree(file)).rejects.toMatchObject(expected);
  const old = Buffer.from(POINTER.replace('git-lfs', 'hawser'));
  expect(() => refuseGitLfsPointer(old, file)).toThrow('GIT_LFS_POINTER');
});

it('leaves all else to the reader of the file', async () => {
  const file = join(folder.path, 'x');
  for (const content of ['', 'version 1', `${POINTER}${' '.repeat(1024)}`]) {
    await writeFile(file, content);
    await refuseGitLfsPointerFile(file);
  }
  await refuseGitLfsPointerFile(join(folder.path, 'absent'));
  await mkdir(join(folder.path, 'folder'));
  await refuseGitLfsPointerFile(join(folder.path, 'folder'));
});
