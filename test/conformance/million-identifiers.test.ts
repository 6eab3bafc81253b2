/** A dataset with a million identifiers: through the store, the sampler and a model's table. */
import { join } from 'node:path';

import { openDataset, trainingBatches, writeDataset } from '@eddy/core/data';
import { randomStream, type Model, type PuzzleGroup, type TaskAugmentation } from '@eddy/core';
import { sharedFolder } from '@eddy/core/testing';
import arcTransform from '@eddy/datasets/arc-transform';
import trm from '@eddy/models/trm';
import { drawGrid, parseArcVersionName, type Grid } from '@eddy/puzzles';
import { expect, it } from 'vitest';

// The plan is what the stage `augment` makes; it has no other public face.
import {
  metadataWithVersions,
  namesOfVersions,
  planVersions,
} from '../../packages/core/src/data/version-plan.ts';

const TASKS = 1000;
const VERSIONS = 1000;
const CANVAS = 6;

const folder = sharedFolder();

/** Tasks of many colours, so that all their versions differ. */
async function* tasks(): AsyncGenerator<PuzzleGroup> {
  const random = randomStream(0);
  const grid = (): Grid => ({
    rows: 4,
    cols: 5,
    cells: Uint8Array.from({ length: 20 }, () => random.integer(10)),
  });
  for (let identifier = 1; identifier <= TASKS; identifier++) {
    const example = () => ({ input: drawGrid(grid(), CANVAS), label: drawGrid(grid(), CANVAS) });
    yield { puzzles: [{ identifier, examples: [example(), example()] }] };
  }
}

const metadata = {
  vocabSize: 12,
  seqLen: CANVAS * CANVAS,
  grid: { rows: CANVAS, cols: CANVAS },
  task: 'arc',
  padId: 0,
  ignoreLabelId: 0,
  blankIdentifierId: 0,
};

it('has a name, a row of the table and a place in the batches for each', async () => {
  const originals = await writeDataset(join(folder.path, 'originals'), {
    metadata,
    splits: ['train'],
    groups: tasks,
    identifiers: () => ['<blank>', ...Array.from({ length: TASKS }, (_, i) => `task${i}`)],
  });
  const options = arcTransform.config.parse({ numVersions: VERSIONS });
  const augmentation = arcTransform.create(options, {
    dataset: originals.metadata,
  }) as TaskAugmentation;
  const random = randomStream(1);
  const { signal } = new AbortController();
  const plan = await planVersions(originals, augmentation, random, { signal });
  const attached = { augmentation, random, plan };
  const versioned = await metadataWithVersions(originals, attached);
  const numIdentifiers = 1 + TASKS * (1 + VERSIONS);
  expect(versioned.numPuzzleIdentifiers).toBe(numIdentifiers);
  expect(plan.codes.byteLength).toBe(4 * numIdentifiers);

  const names = namesOfVersions(await originals.identifiers(), augmentation, plan);
  expect(new Set(names).size).toBe(numIdentifiers);
  expect(parseArcVersionName(names.at(-1)!)!.task).toBe('task999');

  const model = trm.create(trm.config.parse({ hiddenSize: 64, numHeads: 2, puzzleEmbeddingDim: 64 }), { dataset: versioned }) as Model; // prettier-ignore
  expect(Object.values(model.tables).map(({ rows, dim }) => [rows, dim])).toEqual([
    [numIdentifiers, 64],
  ]);

  const split = await originals.open('train');
  const batches = trainingBatches({
    split,
    metadata: versioned,
    random: randomStream(2),
    globalBatchSize: 500,
    epochs: 10,
    augmentation: attached,
  });
  const drawn = new Set<number>();
  for (const batch of batches) for (const id of batch.puzzleIdentifiers) drawn.add(id);
  expect(drawn.size).toBeGreaterThan(9900); // 10,000 visits, hardly one version twice
  expect(Math.max(...drawn)).toBeGreaterThan(0.99 * numIdentifiers);
});

it('keeps a million names on disk', async () => {
  const names = [
    '<blank>',
    ...Array.from({ length: 1_000_000 }, (_, i) => `task${i}|||t1|||0123456789`),
  ];
  await writeDataset(join(folder.path, 'names'), {
    metadata,
    splits: ['train'],
    groups: tasks,
    identifiers: () => names,
  });
  const opened = await openDataset(join(folder.path, 'names'));
  expect(opened.metadata.numPuzzleIdentifiers).toBe(1_000_001);
  expect((await opened.identifiers()).at(-1)).toBe(names.at(-1));
});
