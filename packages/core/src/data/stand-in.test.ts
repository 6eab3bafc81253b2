import { expect, it } from 'vitest';

import { randomStream } from '../random/random-stream.ts';
import { exampleMetadata } from '../testing/example-dataset.ts';
import { NOT_SCORED } from './collate.ts';
import { evaluationBatches } from './evaluation-batches.ts';
import { trainingBatches } from './sampler.ts';
import { standInDataset } from './stand-in.ts';

const train = { numGroups: 6, numPuzzles: 9, numExamples: 14, meanPuzzleExamples: 14 / 9 };
const metadata = { ...exampleMetadata, numPuzzleIdentifiers: 4, splits: { train } };

it('has the sizes that it was asked for, and batches of tokens that count', async () => {
  const dataset = standInDataset(metadata);
  const split = await dataset.open('train');
  expect(split.inputs).toHaveLength(14 * metadata.seqLen);
  expect([...split.groupIndices]).toEqual([0, 1, 3, 4, 6, 7, 9]);
  expect(split.puzzleIndices.at(-1)).toBe(14);
  expect(Math.max(...split.puzzleIdentifiers)).toBe(3);
  const random = randomStream(0);
  const [batch] = trainingBatches({ split, metadata, random, globalBatchSize: 4, epochs: 2 });
  expect(batch!.count).toBe(4);
  expect(batch!.labels).not.toContain(NOT_SCORED);
  expect(
    [...evaluationBatches({ split, metadata, batchSize: 8 })].map(({ count }) => count),
  ).toEqual([8, 6]);
  expect(await dataset.identifiers()).toHaveLength(4);
  await expect(dataset.open('other')).rejects.toMatchObject({ code: 'SPLIT_MISSING' });
});
