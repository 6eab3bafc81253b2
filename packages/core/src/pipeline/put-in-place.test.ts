import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { freshFolder } from '../testing/fresh-folder.ts';
import { putInPlace } from './put-in-place.ts';

const folder = freshFolder();
const at = (...names: string[]) => join(folder.path, ...names);

async function filled(name: string): Promise<void> {
  await mkdir(at(name));
  await writeFile(at(name, 'data'), name);
}

it('keeps what was replaced under another name', async () => {
  await filled('result');
  await filled('made');
  await putInPlace(at('made'), at('result'), at('old'));
  expect((await readdir(folder.path)).sort()).toEqual(['old', 'result']);
  expect(await readFile(at('result', 'data'), 'utf8')).toBe('made');
});

it('puts the old result back where the new one cannot be put in its place', async () => {
  await filled('result');
  await expect(putInPlace(at('lost'), at('result'), at('old'))).rejects.toThrow('ENOENT');
  expect(await readdir(folder.path)).toEqual(['result']);
  expect(await readFile(at('result', 'data'), 'utf8')).toBe('result');
});

it('leaves what another process has put there', async () => {
  await filled('result');
  await filled('made');
  await expect(putInPlace(at('made'), at('result'))).rejects.toThrow('ENOTEMPTY');
  expect(await readFile(at('result', 'data'), 'utf8')).toBe('result');
});
