/** More than 2 GiB, as in the puzzle table and the augmented splits of ARC: Node takes less in one call. */
import { statfsSync, truncateSync, writeFileSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';

import { openDataset, writeDataset } from '@eddy/core/data';
import { readHostTree, stateHash } from '@eddy/core/checkpoint';
import { freshFolder } from '@eddy/core/testing';
import { expect, it } from 'vitest';

const GIB = 2 ** 30;
const BYTES = 2 * GIB + 8;

const { bavail, bsize } = statfsSync(tmpdir());
const isRoomy = freemem() > 6 * GIB && bavail * bsize > 4 * GIB;

const NO_ROOM = 'less than 6 GiB of memory or 4 GiB of disk are free';

const folder = freshFolder();

it('reads and hashes a tensor of more than 2 GiB', async ({ skip }) => {
  skip(!isRoomy, NO_ROOM);
  const path = join(folder.path, 'table.safetensors');
  const entry = { dtype: 'BOOL', shape: [BYTES], data_offsets: [0, BYTES] };
  const json = JSON.stringify({ table: entry });
  const header = Buffer.alloc(8 + json.length);
  header.writeBigUInt64LE(BigInt(json.length));
  header.write(json, 8);
  writeFileSync(path, header);
  truncateSync(path, header.length + BYTES); // a hole of zeros
  const tree = await readHostTree(path);
  expect(tree['table']!.data.length).toBe(BYTES);
  expect(stateHash(tree)).toMatch(/^[0-9a-f]{64}$/);
});

it('reads a split of more than 2 GiB', async ({ skip }) => {
  skip(!isRoomy, NO_ROOM);
  const seqLen = 8192;
  const count = Math.ceil(BYTES / (2 * seqLen));
  const example = (i: number) => {
    const tokens = new Uint8Array(seqLen);
    new DataView(tokens.buffer).setUint32(0, i);
    return { input: tokens, label: tokens };
  };
  await writeDataset(folder.path, {
    metadata: {
      vocabSize: 256,
      seqLen,
      grid: { rows: 64, cols: 128 },
      task: 'large',
      padId: 0,
      ignoreLabelId: 0,
      blankIdentifierId: 0,
    },
    splits: ['train'],
    async *groups() {
      await Promise.resolve();
      for (let i = 0; i < count; i++) {
        yield { puzzles: [{ identifier: 0, examples: [example(i)] }] };
      }
    },
    numExamples: () => count,
    identifiers: () => ['<blank>'],
  });
  const { inputs, labels } = await (await openDataset(folder.path)).open('train');
  for (const tokens of [inputs, labels]) {
    const view = new DataView(tokens.buffer);
    const indices = Array.from({ length: count }, (_, i) => view.getUint32(i * seqLen));
    expect(indices.every((index, i) => index === i)).toBe(true);
  }
});
