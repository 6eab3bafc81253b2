import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { pruneCompiled, readCompiled, writeCompiled } from './compiled-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'eddy-compiled-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const contents = Uint8Array.from({ length: 1000 }, (_, i) => i);

it('reads back what was written, making the folder', async () => {
  const path = join(folder, 'compiled', 'a');
  await writeCompiled(path, contents);
  expect(Uint8Array.from((await readCompiled(path))!)).toEqual(contents);
  expect(readdirSync(join(folder, 'compiled'))).toEqual(['a']);
});

it('takes a missing or foreign file for none', async () => {
  expect(await readCompiled(join(folder, 'missing'))).toBeNull();
  writeFileSync(join(folder, 'foreign'), 'not of ours, and longer than a checksum is, by a bit');
  expect(await readCompiled(join(folder, 'foreign'))).toBeNull();
});

it('keeps those used last', async () => {
  for (const [index, name] of ['oldest', 'old', 'new'].entries()) {
    await writeCompiled(join(folder, name), contents);
    utimesSync(join(folder, name), 1000 + index, 1000 + index);
  }
  await readCompiled(join(folder, 'oldest'));
  await pruneCompiled(folder, 2);
  expect(readdirSync(folder).sort()).toEqual(['new', 'oldest']);
});
