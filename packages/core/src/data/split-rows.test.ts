import { appendFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';

import type { Augmentation, PuzzleGroup, TaskAugmentation } from '../contracts/dataset.ts';
import { randomStream } from '../random/random-stream.ts';
import { exampleMetadata } from '../testing/example-dataset.ts';
import { sharedFolder } from '../testing/fresh-folder.ts';
import { writeDataset, type StoredDataset } from './dataset-store.ts';
import { versionsOfRow } from './row-versions.ts';
import { SplitRows } from './split-rows.ts';
import { planVersions } from './version-plan.ts';
import { versionedSplit } from './versioned-split.ts';

const folder = sharedFolder();
/** Large tokens rows, so that a few thousand of them are several record batches of 2 MiB. */
const SEQ_LEN = 600;
const GROUPS = 2000;
let dataset: StoredDataset;
const rows = new SplitRows();

/** Group g has two puzzles, of one and of two examples; tokens tell group and example. */
async function* groups(): AsyncGenerator<PuzzleGroup> {
  for (let group = 0; group < GROUPS; group++) {
    const example = (index: number) => ({
      input: new Uint8Array(SEQ_LEN).fill(1 + (group % 7)),
      label: new Uint8Array(SEQ_LEN).fill(1 + index),
      ...(group % 2 === 0 ? { rating: group } : {}),
    });
    const [first, second, third] = [example(0), example(1), example(2)];
    yield {
      puzzles: [
        { identifier: group % 5, examples: [first] },
        { identifier: group % 5, examples: [second, third] },
      ],
    };
  }
}

beforeAll(async () => {
  dataset = await writeDataset(join(folder.path, 'large'), {
    metadata: { ...exampleMetadata, seqLen: SEQ_LEN, grid: { rows: 20, cols: 30 } },
    splits: ['train'],
    groups,
    identifiers: () => ['<blank>', 'a', 'b', 'c', 'd'],
  });
});

describe('rows of a split', () => {
  it('are those of the whole split, wherever they lie', async () => {
    const split = await dataset.open('train');
    for (const from of [0, 1740, 3490, 5990]) {
      const found = await rows.read(dataset.folder, 'train', { from, count: 20 });
      expect(found).toHaveLength(Math.min(20, 3 * GROUPS - from));
      for (const { index, input, label, rating, puzzle, group, identifier } of found) {
        const at = [index * SEQ_LEN, (index + 1) * SEQ_LEN] as const;
        expect(input).toEqual(split.inputs.slice(...at));
        expect(label).toEqual(split.labels.slice(...at));
        expect(rating).toBe(split.ratings![index]);
        expect([puzzle, group]).toEqual([
          2 * Math.floor(index / 3) + (index % 3 === 0 ? 0 : 1),
          Math.floor(index / 3),
        ]);
        expect(identifier).toBe(group % 5);
      }
    }
    expect(await rows.read(dataset.folder, 'train', { from: 6000, count: 5 })).toEqual([]);
  });

  it('say what is wrong with the file or the request', async () => {
    const read = (split: string) =>
      new SplitRows().read(dataset.folder, split, { from: 0, count: 1 });
    await expect(read('test')).rejects.toMatchObject({ code: 'SPLIT_MISSING' });
    const damaged = await writeDataset(join(folder.path, 'damaged'), {
      metadata: exampleMetadata,
      splits: ['train'],
      async *groups() {
        const tokens = Uint8Array.of(1, 2, 3, 4);
        yield { puzzles: [{ identifier: 0, examples: [{ input: tokens, label: tokens }] }] };
      },
      identifiers: () => ['<blank>'],
    });
    const own = new SplitRows();
    const again = () => own.read(damaged.folder, 'train', { from: 0, count: 1 });
    expect(await again()).toHaveLength(1);
    // What was checked once is checked again when it changes.
    const file = join(damaged.folder, 'train.arrow');
    appendFileSync(file, 'x');
    utimesSync(file, 1, 1);
    await expect(again()).rejects.toMatchObject({ code: 'DATASET_DAMAGED' });
  });
});

describe('versions of one row', () => {
  it('are those that training sees', async () => {
    const augmentation: Augmentation = {
      mode: 'on-the-fly',
      numVersions: 4,
      splits: ['train'],
      apply: (example, random) => ({
        ...example,
        input: example.input.map(() => random.integer(9)),
      }),
    };
    const artifact = { ...dataset, augmentation: { augmentation, random: randomStream(3) } };
    await expectSame(artifact, 5);
  });

  it('of a task too, which is told how many examples its puzzle has', async () => {
    const augmentation: TaskAugmentation = {
      mode: 'on-the-fly',
      numVersions: () => 2,
      codesOf: () => [1, 2],
      nameOf: (task, code) => `${task}+${code}`,
      render: (original, { code, index, numExamples, random }) => ({
        ...original,
        input: Uint8Array.of(code, index, numExamples, random.stream(index).integer(9)),
      }),
    };
    const random = randomStream(3);
    // Each group needs an identifier of its own.
    const own = await writeDataset(join(folder.path, 'tasks'), {
      metadata: exampleMetadata,
      splits: ['train'],
      async *groups() {
        for (let group = 0; group < 4; group++) {
          const tokens = Uint8Array.of(1, 2, 3, 4);
          const example = { input: tokens, label: tokens };
          yield { puzzles: [{ identifier: group + 1, examples: [example, example] }] };
        }
      },
      identifiers: () => ['<blank>', 'a', 'b', 'c', 'd'],
    });
    const { signal } = new AbortController();
    const plan = await planVersions(own, augmentation, random, { signal });
    await expectSame({ ...own, augmentation: { augmentation, random, plan } }, 3);
  });
});

async function expectSame(
  artifact: Parameters<typeof versionsOfRow>[0],
  expected: number,
): Promise<void> {
  const split = await artifact.open('train');
  const versioned = versionedSplit(split, artifact.augmentation);
  for (const index of [0, 5, 7]) {
    const near = await rows.read(artifact.folder, 'train', { from: 0, count: 12 });
    const wanted = near.find((row) => row.index === index)!;
    const own = near.filter(({ puzzle }) => puzzle === wanted.puzzle);
    const { total, versions } = versionsOfRow(artifact, 'train', { rows: own, index, count: 3 });
    expect(total).toBe(expected);
    const { puzzle, group } = wanted;
    expect(versions).toEqual(
      [0, 1, 2].map((version) => {
        const row = { example: index, puzzle, group, version };
        const { input, label } = versioned.example(row);
        return { version, input: input.slice(), label: label.slice() };
      }),
    );
  }
}
