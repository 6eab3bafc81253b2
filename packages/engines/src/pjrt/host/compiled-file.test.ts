import { readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { freshFolder } from '@eddy/core/testing';
import { expect, it } from 'vitest';

import { pruneCompiled, readCompiled, writeCompiled } from './compiled-file.ts';

const folder = freshFolder();

const contents = Uint8Array.from({ length: 1000 }, (_, i) => i);

it('reads back what was written, making the folder', async () => {
  const path = join(folder.path, 'compiled', 'a');
  await writeCompiled(path, contents);
  expect(Uint8Array.from((await readCompiled(path))!)).toEqual(contents);
  expect(readdirSync(join(folder.path, 'compiled'))).toEqual(['a']);
});

it('takes a missing or foreign file for none', async () => {
  expect(await readCompiled(join(folder.path, 'missing'))).toBeNull();
  writeFileSync(
    join(folder.path, 'foreign'),
    'not of ours, and longer than a checksum is, by a bit',
  );
  expect(await readCompiled(join(folder.path, 'foreign'))).toBeNull();
});

it('keeps those used last', async () => {
  for (const [index, name] of ['oldest', 'old', 'new'].entries()) {
    await writeCompiled(join(folder.path, name), contents);
    utimesSync(join(folder.path, name), 1000 + index, 1000 + index);
  }
  await readCompiled(join(folder.path, 'oldest'));
  await pruneCompiled(folder.path, 2);
  expect(readdirSync(folder.path).sort()).toEqual(['new', 'oldest']);
});
