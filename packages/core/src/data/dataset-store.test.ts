import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { randomStream } from '../random/random-stream.ts';
import type { PuzzleGroup, Split } from '../contracts/dataset.ts';
import { openDataset, writeDataset } from './dataset-store.ts';
import {
  exampleMetadata,
  numberedExample,
  numberedGroups,
  splitOf,
} from '../testing/example-dataset.ts';
import { freshFolder } from '../testing/fresh-folder.ts';

const folder = freshFolder();

async function* streamed(groups: readonly PuzzleGroup[]): AsyncGenerator<PuzzleGroup> {
  for (const group of groups) {
    await Promise.resolve();
    yield group;
  }
}
const write = (train: readonly PuzzleGroup[]) =>
  writeDataset(folder.path, {
    metadata: exampleMetadata,
    splits: ['train'],
    groups: () => streamed(train),
    identifiers: () => ['<blank>', 'a'],
  });

describe('dataset store', () => {
  it('reads back what was written', async () => {
    const groups = numberedGroups([[3, 2], [1], [4, 4, 1], [2]]);
    await write(groups);
    const dataset = await openDataset(folder.path);
    expect(dataset.metadata).toEqual({
      ...exampleMetadata,
      numPuzzleIdentifiers: 2,
      splits: {
        train: { numGroups: 4, numPuzzles: 7, numExamples: 17, meanPuzzleExamples: 17 / 7 },
      },
    });
    expect(await dataset.open('train')).toEqual(splitOf('train', groups).split);
    expect(await dataset.identifiers()).toEqual(['<blank>', 'a']);
    expect(dataset.open('train')).toBe(dataset.open('train'));
  });

  it('refuses before it begins what the disk has no room for', async () => {
    let streamedAny = false;
    const content = {
      metadata: exampleMetadata,
      splits: ['train', 'test'],
      numExamples: (split: string) => (split === 'train' ? 1e15 : undefined),
      groups: () => {
        streamedAny = true;
        return streamed([]);
      },
      identifiers: () => ['<blank>'],
    };
    await expect(writeDataset(folder.path, content)).rejects.toMatchObject({
      code: 'DATASET_TOO_LARGE',
      facts: {
        at: folder.path,
        expected: expect.stringMatching(/^\d+ TiB for 1000000000000000 examples$/) as string,
        received: expect.stringMatching(/ free$/) as string,
      },
    });
    expect(streamedAny).toBe(false);
  });

  it('keeps ratings that are missing', async () => {
    const groups = Array.from({ length: 40_000 }, (_, i) => {
      const { input, label } = numberedExample(i % 11, Math.floor(i / 11) % 11);
      const example = i % 3 === 0 ? { input, label } : { input, label, rating: i };
      return { puzzles: [{ identifier: 1, examples: [example] }] };
    });
    await write(groups);
    const split = await (await openDataset(folder.path)).open('train');
    const expected = splitOf('train', groups).split;
    const columns = ['inputs', 'labels', 'ratings', 'puzzleIndices', 'groupIndices'] as const;
    for (const column of columns) {
      const bytes = (of: Split) => Buffer.from(of[column]!.buffer);
      expect(bytes(split).equals(bytes(expected)), column).toBe(true);
    }
    expect(split.ratings![0]).toBeNaN();
    expect(split.ratings![39_998]).toBe(39_998);
  });

  it('has no ratings where the source has none', async () => {
    const { input, label } = numberedExample(1, 1);
    await write([{ puzzles: [{ identifier: 0, examples: [{ input, label }] }] }]);
    expect((await (await openDataset(folder.path)).open('train')).ratings).toBeNull();
  });

  it('refuses examples that do not fit, and an empty split', async () => {
    const group = (input: Uint8Array) => [
      { puzzles: [{ identifier: 0, examples: [{ input, label: input }] }] },
    ];
    await expect(write(group(Uint8Array.of(1, 2, 3)))).rejects.toMatchObject({
      code: 'EXAMPLE_REFUSED',
    });
    await expect(write(group(Uint8Array.of(1, 2, 3, 11)))).rejects.toMatchObject({
      code: 'EXAMPLE_REFUSED',
      facts: { received: 'token 11 at position 3' },
    });
    await expect(write([])).rejects.toMatchObject({ code: 'DATASET_EMPTY' });
  });

  describe('of several record batches', () => {
    const SEQ_LEN = 900;
    const metadata = { ...exampleMetadata, seqLen: SEQ_LEN, grid: { rows: 30, cols: 30 } };
    const tokensOf = (index: number) =>
      Uint8Array.from({ length: SEQ_LEN }, (_, i) => (i * index) % 11);
    /** @param strays  examples whose label has a token beyond the vocabulary, at position 7. */
    const writeMany = (count: number, strays: readonly number[] = []) =>
      writeDataset(folder.path, {
        metadata,
        splits: ['train'],
        async *groups() {
          for (let i = 0; i < count; i++) {
            await Promise.resolve();
            const label = tokensOf(i + 1);
            if (strays.includes(i)) label[7] = 11 + i;
            yield { puzzles: [{ identifier: 0, examples: [{ input: tokensOf(i), label }] }] };
          }
        },
        identifiers: () => ['<blank>'],
      });

    it('reads back what was written', async () => {
      const count = 6000; // of 1,165 a batch
      const split = await (await writeMany(count)).open('train');
      expect(split.groupIndices).toHaveLength(count + 1);
      for (let i = 0; i < count; i++) {
        const row = split.labels.subarray(i * SEQ_LEN, (i + 1) * SEQ_LEN);
        expect(Buffer.compare(row, tokensOf(i + 1))).toBe(0);
      }
    });

    it.each([[[3]], [[1165]], [[11_999]], [[2500, 40, 6000]]])(
      'names the first example with a stray token of %j',
      async (strays) => {
        const first = Math.min(...strays);
        await expect(writeMany(12_000, strays)).rejects.toMatchObject({
          code: 'EXAMPLE_REFUSED',
          facts: {
            at: `split train, example ${first}`,
            expected: 'label below 11',
            received: `token ${(11 + first) % 256} at position 7`,
          },
        });
        await expect(openDataset(folder.path)).rejects.toMatchObject({ code: 'DATASET_DAMAGED' });
      },
    );
  });

  it('notices damage', async () => {
    const groups = numberedGroups([[3, 2], [1]]);
    const file = path.join(folder.path, 'train.arrow');
    const reopen = async () => (await openDataset(folder.path)).open('train');
    await write(groups);
    const { length } = await readFile(file);
    await truncate(file, length - 40);
    await expect(reopen()).rejects.toMatchObject({ code: 'DATASET_DAMAGED' });
    await writeFile(file, 'not arrow');
    await expect(reopen()).rejects.toMatchObject({ code: 'DATASET_DAMAGED' });
    await write(groups);
    const bytes = await readFile(file);
    const random = randomStream(0);
    for (let i = 0; i < 100; i++) {
      const mutant = Buffer.from(bytes);
      mutant[random.integer(length)]! ^= 1 << random.integer(8);
      await writeFile(file, mutant);
      await expect(reopen()).rejects.toMatchObject({
        code: 'DATASET_DAMAGED',
        facts: { at: file },
      });
    }
    await rm(file);
    await expect(reopen()).rejects.toMatchObject({ code: 'DATASET_DAMAGED' });

    await write(groups);
    const metadata = JSON.parse(await readFile(path.join(folder.path, 'dataset.json'), 'utf8'));
    const rewrite = (changed: object) =>
      writeFile(
        path.join(folder.path, 'dataset.json'),
        JSON.stringify({ ...metadata, ...changed }),
      );
    for (const changed of [
      { seqLen: 5 },
      { vocabSize: 4 },
      { splits: { train: { ...metadata.splits.train, numExamples: 5 } } },
      { splits: { train: { ...metadata.splits.train, numExamples: 1e15 } } },
      { splits: { train: { ...metadata.splits.train, numExamples: 7 } } },
      { splits: { train: { ...metadata.splits.train, numPuzzles: 2 } } },
      { splits: { train: { ...metadata.splits.train, numGroups: 3 } } },
    ]) {
      await rewrite(changed);
      await expect(reopen()).rejects.toMatchObject({ code: 'DATASET_DAMAGED' });
    }
    await rewrite({ splits: null });
    await expect(openDataset(folder.path)).rejects.toMatchObject({ code: 'DATASET_DAMAGED' });
    await rewrite({});
    await expect((await openDataset(folder.path)).open('test')).rejects.toMatchObject({
      code: 'SPLIT_MISSING',
    });
  });
});
