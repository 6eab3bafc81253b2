import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { freshFolder } from '../testing/fresh-folder.ts';
import { makeFolderDurably, replaceDurably } from './durable.ts';

const folder = freshFolder();

it('replaces a file for many at a time: each text whole, nothing left over', async () => {
  const path = join(folder.path, 'table.md');
  const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(10_000));
  await Promise.all(texts.map((text) => replaceDurably(path, text)));
  expect(texts).toContain(await readFile(path, 'utf8'));
  expect(await readdir(folder.path)).toEqual(['table.md']);
});

it('leaves nothing over when it fails', async () => {
  await expect(replaceDurably(folder.path, 'text')).rejects.toThrow('rename');
  expect(await readdir(join(folder.path, '..'))).not.toContainEqual(
    expect.stringContaining(`.${folder.path.split('/').at(-1)}.`),
  );
});

it('makes the folders that are missing, also where others make them at the same time', async () => {
  const path = join(folder.path, 'a', 'b', 'c');
  await Promise.all(Array.from({ length: 10 }, () => makeFolderDurably(path)));
  await makeFolderDurably(path);
  expect((await stat(path)).isDirectory()).toBe(true);
});

it('ends where nothing can be made: below a file, and in /proc', async () => {
  await replaceDurably(join(folder.path, 'file'), 'text');
  await expect(makeFolderDurably(join(folder.path, 'file'))).rejects.toThrow('EEXIST');
  await expect(makeFolderDurably(join(folder.path, 'file', 'x'))).rejects.toThrow('ENOTDIR');
  if (process.platform !== 'linux') return;
  await expect(makeFolderDurably('/proc/nothing/here')).rejects.toThrow('ENOENT');
});
