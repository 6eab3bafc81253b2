/** More than 2 GiB in one tensor, as in the puzzle table of ARC: Node takes less in one call. */
import { truncateSync, writeFileSync } from 'node:fs';
import { freemem } from 'node:os';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { freshFolder } from '../testing/fresh-folder.ts';
import { encodeHeader, readHostTree } from './safetensors.ts';
import { stateHash } from './state-hash.ts';

const folder = freshFolder();
const BYTES = 2 ** 31 + 8;

it.skipIf(freemem() < 3 * BYTES)('reads and hashes a tensor of more than 2 GiB', async () => {
  const path = join(folder.path, 'table.safetensors');
  const spec = { shape: [BYTES], dtype: 'bool' as const };
  const header = encodeHeader(['table'], { table: spec }, {});
  writeFileSync(path, header);
  truncateSync(path, header.length + BYTES); // a hole of zeros
  const tree = await readHostTree(path);
  expect(tree['table']!.data.length).toBe(BYTES);
  expect(stateHash(tree)).toMatch(/^[0-9a-f]{64}$/);
});
