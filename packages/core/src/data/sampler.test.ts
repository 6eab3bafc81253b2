import { describe, expect, it } from 'vitest';

import type { EddyError } from '@eddy/tensor/errors';
import { randomStream } from '../random/random-stream.ts';
import { drawingAugmentation, numberedGroups, splitOf } from '../testing/example-dataset.ts';
import type { PuzzleGroup } from '../contracts/dataset.ts';
import { materialisedGroups } from './materialise.ts';
import { totalSteps, trainingBatches, type TrainingBatchesOptions } from './sampler.ts';

const singles = splitOf('train', numberedGroups(Array.from({ length: 7 }, () => [1])));
const mixed = splitOf('train', numberedGroups([[3, 2], [1], [4, 4, 1], [2]]));
const options = (
  data: typeof singles,
  rest: Partial<TrainingBatchesOptions> = {},
): TrainingBatchesOptions => ({
  ...data,
  random: randomStream(3).stream('sampler'),
  globalBatchSize: 3,
  epochs: 6,
  epochsPerIteration: 2,
  ...rest,
});
const groupsOf = (inputs: Int32Array) =>
  Array.from({ length: inputs.length / 4 }, (_, row) => inputs[row * 4]!);

describe('trainingBatches', () => {
  it('joins epochs inside an iteration, drops the rest at its end', () => {
    const batches = [...trainingBatches(options(singles))];
    // 2 epochs × 7 groups = 14 rows: 4 batches of 3 an iteration, 2 rows dropped.
    expect(batches.map((b) => b.iteration)).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]);
    expect(batches.map((b) => b.step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(batches.map((b) => b.endsIteration)).toEqual(
      [1, 2, 3].flatMap(() => [false, false, false, true]),
    );
    expect(batches.slice(0, 4).map((b) => b.epoch)).toEqual([0, 0, 1, 1]);
    const rows = batches.slice(0, 4).flatMap((b) => groupsOf(b.inputs));
    expect(rows.slice(0, 7).sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(new Set(rows.slice(7)).size).toBe(5);
  });

  it('orders an epoch by (seed, epoch) alone', () => {
    const order = (rest: Partial<TrainingBatchesOptions>) =>
      [...trainingBatches(options(singles, { globalBatchSize: 7, ...rest }))].map((b) =>
        groupsOf(b.inputs),
      );
    expect(order({ epochsPerIteration: 1 })).toEqual(order({ epochsPerIteration: 6 }));
    expect(order({})).not.toEqual(order({ random: randomStream(4).stream('sampler') }));
    expect(new Set(order({}).map(String)).size).toBe(6);
  });

  it('hides labels equal to ignoreLabelId and casts to int32', () => {
    const [batch] = trainingBatches(options(singles));
    expect(batch!.inputs).toBeInstanceOf(Int32Array);
    expect([...batch!.labels.subarray(0, 4)]).toEqual([-100, 0, 3, 4].map((t) => t || -100));
  });

  it('takes one puzzle a visit, its examples without replacement, as many as fit', () => {
    // Iterations of one epoch, so that no batch has two visits of a group.
    const batches = trainingBatches(options(mixed, { epochs: 300, epochsPerIteration: 1 }));
    const firstExampleOfPuzzle = [[0, 3], [0], [0, 4, 8], [0]];
    const seen = new Set<string>();
    for (const batch of batches) {
      const rows = Array.from({ length: 3 }, (_, row) => ({
        group: batch.inputs[row * 4]!,
        index: batch.inputs[row * 4 + 1]!,
        puzzle: batch.puzzleIdentifiers[row]!,
      }));
      for (const { group, index, puzzle } of rows) {
        expect(puzzle).toBe(firstExampleOfPuzzle[group]!.findLastIndex((first) => first <= index));
        seen.add(`${group}/${index}`);
        const puzzlesOfGroup = rows.filter((row) => row.group === group).map((row) => row.puzzle);
        expect(new Set(puzzlesOfGroup).size).toBe(1);
      }
      expect(new Set(rows.map(({ group, index }) => `${group}/${index}`)).size).toBe(3);
    }
    expect(seen.size).toBe(5 + 1 + 9 + 2);
  });

  it.each([
    ['one example a puzzle', singles],
    ['many examples a puzzle', mixed],
  ])('reaches any step without the ones before: %s', (_, data) => {
    for (const epochs of [6, 5]) {
      const augmentation = { augmentation: drawingAugmentation, random: randomStream(1) };
      const all = [...trainingBatches(options(data, { epochs, augmentation }))];
      for (let startStep = 0; startStep <= all.length; startStep++) {
        expect([...trainingBatches(options(data, { epochs, augmentation, startStep }))]).toEqual(
          all.slice(startStep),
        );
      }
    }
  });

  it('gives the same batches materialised and on the fly', async () => {
    const random = randomStream(5);
    const augmentation = { augmentation: drawingAugmentation, random };
    for (const data of [singles, mixed]) {
      const groups: PuzzleGroup[] = [];
      const { signal } = new AbortController();
      for await (const group of materialisedGroups(
        () => Promise.resolve(data.split),
        augmentation,
        signal,
      )) {
        groups.push({ puzzles: Array.from(group.puzzles, (puzzle) => structuredClone(puzzle)) });
      }
      expect(groups[0]!.puzzles.length).toBe(data.split.groupIndices[1]! * 4);
      expect([...trainingBatches(options(splitOf('train', groups)))]).toEqual([
        ...trainingBatches(options(data, { augmentation })),
      ]);
    }
  });

  it('leaves splits alone that the augmentation does not name', () => {
    const test = splitOf('test', numberedGroups([[1], [1], [1]]));
    const augmentation = { augmentation: drawingAugmentation, random: randomStream(5) };
    expect([...trainingBatches(options(test, { augmentation }))]).toEqual([
      ...trainingBatches(options(test)),
    ]);
  });

  it('refuses a batch that an iteration cannot fill', () => {
    expect(() => [...trainingBatches(options(singles, { globalBatchSize: 15 }))]).toThrow(
      expect.objectContaining({ code: 'ITERATION_WITHOUT_BATCH' }) as EddyError,
    );
  });
});

describe('totalSteps', () => {
  it('agrees with the published Sudoku recipe', () => {
    const metadata = {
      ...singles.metadata,
      splits: {
        train: { numGroups: 1000, numPuzzles: 1000, numExamples: 1000, meanPuzzleExamples: 1 },
      },
    };
    expect(totalSteps({ epochs: 50_000, metadata, globalBatchSize: 768 })).toBe(65_104);
  });
});
