import { join } from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';

import { randomStream } from '../random/random-stream.ts';
import { exampleMetadata, numberedGroups } from '../testing/example-dataset.ts';
import { sharedFolder } from '../testing/fresh-folder.ts';
import type { PuzzleGroup, TaskAugmentation } from '../contracts/dataset.ts';
import { writeDataset, type StoredDataset } from './dataset-store.ts';
import { evaluationBatches } from './evaluation-batches.ts';
import { materialisedGroups } from './materialise.ts';
import { trainingBatches } from './sampler.ts';
import { metadataWithVersions, namesOfVersions, planVersions } from './version-plan.ts';
import { readVersionPlan, writeVersionPlan } from './version-plan-file.ts';
import { sizesOf, versionedRows, versionedSplit } from './versioned-split.ts';

/** Adds the code to the third token, and a draw to the fourth; task n has n versions, at most three. */
const augmentation: TaskAugmentation = {
  mode: 'on-the-fly',
  numVersions: (split) => (split === 'train' ? 3 : 1),
  codesOf: (examples) => [1, 2, 3].slice(0, examples[0]!.input[0]),
  nameOf: (task, code) => `${task}+${code}`,
  render(original, { code, split, index, numExamples, random }) {
    expect(index).toBeLessThan(numExamples);
    const input = original.input.slice();
    input[2]! += code;
    if (split === 'train') input[3] = random.stream('last', index).integer(11);
    return { ...original, input };
  },
};

const folder = sharedFolder();
let dataset: StoredDataset;
const random = randomStream(7);
const { signal } = new AbortController();

async function* streamed(groups: readonly PuzzleGroup[]) {
  yield* groups;
}

beforeAll(async () => {
  // Group g of train has identifier g + 1; test has the last two of them.
  const named = (groups: PuzzleGroup[], first: number) =>
    groups.map(({ puzzles }, i) => ({
      puzzles: puzzles.map((puzzle) => ({ ...puzzle, identifier: first + i })),
    }));
  const groups: Record<string, PuzzleGroup[]> = {
    train: named(numberedGroups([[2], [1], [3], [2], [1]]), 1),
    test: named(numberedGroups([[1], [2]]), 4),
  };
  dataset = await writeDataset(join(folder.path, 'originals'), {
    metadata: exampleMetadata,
    splits: ['train', 'test'],
    groups: (split) => streamed(groups[split]!),
    identifiers: () => ['<blank>', 'a', 'b', 'c', 'd', 'e'],
  });
});

const planned = () => planVersions(dataset, augmentation, random, { signal });

describe('versions of tasks', () => {
  it('have identifiers of their own, the same in all splits, after that of their task', async () => {
    const plan = await planned();
    expect([...plan.firstIdentifiers]).toEqual([0, 1, 2, 4, 7, 11, 15]);
    expect([...plan.codes]).toEqual([0, 0, 0, 1, 0, 1, 2, 0, 1, 2, 3, 0, 1, 2, 3]);
    const names = namesOfVersions(await dataset.identifiers(), augmentation, plan);
    expect(names.slice(0, 7)).toEqual(['<blank>', 'a', 'b', 'b+1', 'c', 'c+1', 'c+2']);
    const test = versionedSplit(await dataset.open('test'), { augmentation, random, plan });
    const ids = [...versionedRows(test)].map(({ puzzle, version }) =>
      test.identifier(puzzle, version),
    );
    expect(ids.map((id) => names[id])).toEqual(['d', 'd+1', 'e', 'e', 'e+1', 'e+1']);
    expect(sizesOf(test)).toEqual({ numPuzzles: 4, numExamples: 6 });
  });

  it('change the metadata as if they were on disk', async () => {
    const plan = await planned();
    const metadata = await metadataWithVersions(dataset, { augmentation, random, plan });
    const written = await materialised();
    expect(metadata).toEqual(written.metadata);
    expect(metadata.numPuzzleIdentifiers).toBe(15);
    expect(metadata.splits['train']).toEqual({
      numGroups: 5,
      numPuzzles: 14,
      numExamples: 2 + 2 + 9 + 8 + 4,
      meanPuzzleExamples: 25 / 14,
    });
  });

  it('give the same batches materialised and on the fly', async () => {
    const plan = await planned();
    const attached = { augmentation, random, plan };
    const metadata = await metadataWithVersions(dataset, attached);
    const written = await materialised();
    const sampling = { random: randomStream(1), globalBatchSize: 4, epochs: 40, metadata };
    const onDisk = await written.open('train');
    const split = await dataset.open('train');
    const batches = [...trainingBatches({ split, augmentation: attached, ...sampling })];
    expect(batches).toEqual([...trainingBatches({ split: onDisk, ...sampling })]);
    expect(new Set(batches.flatMap((batch) => [...batch.puzzleIdentifiers])).size).toBe(14);
    const tested = { metadata, batchSize: 4 };
    const rows = evaluationBatches({ split: await dataset.open('test'), augmentation: attached, ...tested }); // prettier-ignore
    expect([...rows]).toEqual([
      ...evaluationBatches({ split: await written.open('test'), ...tested }),
    ]);
  });

  it('are found again on disk, unless the plan is of another dataset', async () => {
    const plan = await planned();
    const file = join(folder.path, 'plan.safetensors');
    await writeVersionPlan(file, plan);
    expect(await readVersionPlan(file, dataset.metadata)).toEqual(plan);
    const other = { ...dataset.metadata, numPuzzleIdentifiers: 7 };
    await expect(readVersionPlan(file, other)).rejects.toMatchObject({ code: 'DATASET_DAMAGED' });
  });

  it('are refused where the dataset has versions already', async () => {
    const several = await writeDataset(join(folder.path, 'several'), {
      metadata: exampleMetadata,
      splits: ['train'],
      groups: () => streamed(numberedGroups([[1, 1]])),
      identifiers: () => ['<blank>', 'a'],
    });
    await expect(planVersions(several, augmentation, random, { signal })).rejects.toMatchObject({
      code: 'SEVERAL_PUZZLES_A_GROUP',
    });
  });
});

let made = 0;
async function materialised(): Promise<StoredDataset> {
  const plan = await planned();
  const attached = { augmentation, random, plan };
  return writeDataset(join(folder.path, `materialised-${made++}`), {
    metadata: exampleMetadata,
    splits: ['train', 'test'],
    groups: (split) => materialisedGroups(() => dataset.open(split), attached, signal),
    identifiers: () => Array.from(plan.codes, String),
  });
}
