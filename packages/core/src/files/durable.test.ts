import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { freshFolder } from '../testing/fresh-folder.ts';
import { replaceDurably } from './durable.ts';

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
