import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { beforeEach, describe, expect, it } from 'vitest';

import { sha256OfFile } from '../files/digest.ts';
import { exampleMetadata } from '../testing/example-dataset.ts';
import { freshFolder } from '../testing/fresh-folder.ts';
import { readSplit } from './arrow-reader.ts';
import { writeDataset, type StoredDataset } from './dataset-store.ts';

const folder = freshFolder();
const SEQ_LEN = 900;
const EXAMPLES = 3000; // in record batches of 1,165

const tokensOf = (index: number) =>
  Uint8Array.from({ length: SEQ_LEN }, (_, i) => (i * index) % 11);

let dataset: StoredDataset;
let file: string;

beforeEach(async () => {
  dataset = await writeDataset(folder.path, {
    metadata: { ...exampleMetadata, seqLen: SEQ_LEN, grid: { rows: 30, cols: 30 } },
    splits: ['train'],
    async *groups() {
      for (let i = 0; i < EXAMPLES; i++) {
        await Promise.resolve();
        const example = { input: tokensOf(i), label: tokensOf(i + 1), rating: i };
        yield { puzzles: [{ identifier: i % 2, examples: [example] }] };
      }
    },
    identifiers: () => ['<blank>', 'a'],
  });
  file = join(folder.path, 'train.arrow');
});

async function read(pieceBytes?: number) {
  const { metadata } = dataset;
  const sizes = metadata.splits['train']!;
  const promised = { split: 'train', metadata, sizes, sha256: await sha256OfFile(file) };
  return readSplit(file, promised, pieceBytes);
}

describe('readSplit', () => {
  it.each([1000, 65_537, undefined])('reads in pieces of %s bytes', async (pieceBytes) => {
    const split = await read(pieceBytes);
    for (const row of [0, 1164, 1165, 2330, EXAMPLES - 1]) {
      const at = (tokens: Uint8Array) => tokens.subarray(row * SEQ_LEN, (row + 1) * SEQ_LEN);
      expect(at(split.inputs)).toEqual(tokensOf(row));
      expect(at(split.labels)).toEqual(tokensOf(row + 1));
      expect([split.ratings![row], split.puzzleIdentifiers[row]]).toEqual([row, row % 2]);
    }
    expect(split.groupIndices).toEqual(Int32Array.from({ length: EXAMPLES + 1 }, (_, i) => i));
  });

  it('ends where the file does, also when its checksum is right', async () => {
    await truncate(file, 2 << 20);
    await expect(read()).rejects.toMatchObject({ code: 'DATASET_DAMAGED' });
  });

  it('ends for any length in its metadata, also when its checksum is right', async () => {
    const valid = await readFile(file);
    const footer = valid.length - 10 - valid.readInt32LE(valid.length - 10);
    // The footer, and the head of the first record batch behind that of the schema.
    const firstBatch = valid.indexOf(Buffer.of(255, 255, 255, 255), 16);
    const places = [
      ...Array.from({ length: (valid.length - footer) / 4 }, (_, i) => footer + 4 * i),
      ...Array.from({ length: 80 }, (_, i) => firstBatch + 4 * i),
    ];
    let refused = 0;
    for (const place of places.filter((at) => at + 4 <= valid.length)) {
      const damaged = Buffer.from(valid);
      damaged.writeInt32LE(0x3f_ff_ff_ff, place);
      await writeFile(file, damaged);
      await read().catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'DATASET_DAMAGED' });
        refused++;
      });
    }
    expect(refused).toBeGreaterThan(places.length / 2);
  });
});
