import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { freshFolder } from '../testing/fresh-folder.ts';
import { folderProblems } from './usable-folders.ts';

const folder = freshFolder();

it('accepts folders that are there, and that can be made', async () => {
  const cache = join(folder.path, 'a', 'b', 'c');
  expect(await folderProblems({ cache, runs: folder.path })).toEqual([]);
});

it('names each folder that a file is in the way of, with what to do', async () => {
  const file = join(folder.path, 'file');
  await writeFile(file, '');
  const problems = await folderProblems({ cache: join(file, 'cache'), runs: file });
  expect(problems.map(({ cause }) => cause.facts)).toMatchObject([
    {
      code: 'CACHE_UNUSABLE',
      at: join(file, 'cache'),
      fix: 'name a writable folder: `export EDDY_CACHE=FOLDER`',
    },
    { code: 'RUN_FOLDER_UNUSABLE', at: file },
  ]);
});

it('names a folder that may not be written', async () => {
  const locked = join(folder.path, 'locked');
  await mkdir(locked);
  await chmod(locked, 0o500);
  await chmod(folder.path, 0o755);
  const [problem] = await asNobody(() => folderProblems({ cache: join(locked, 'cache') }));
  expect(problem!.cause.facts).toMatchObject({ code: 'CACHE_UNUSABLE' });
  expect(problem!.received).toContain('EACCES');
});

/** Root may write everywhere, so that root acts as the user "nobody" of Linux here. */
async function asNobody<T>(act: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return act();
  process.seteuid!(65_534);
  try {
    return await act();
  } finally {
    process.seteuid!(0);
  }
}
