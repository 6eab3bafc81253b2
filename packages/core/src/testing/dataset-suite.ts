/** What every dataset plugin must do, for authors inside and outside this repository. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { DatasetSource, Split } from '../contracts/dataset.ts';
import { contentOf, writeDataset, type StoredDataset } from '../data/dataset-store.ts';
import { trainingBatches } from '../data/sampler.ts';
import { randomStream } from '../random/random-stream.ts';

export interface DatasetSuite {
  readonly name: string;
  /** A small dataset with the splits `train` and `test`; a new source at every call. */
  create(): DatasetSource | Promise<DatasetSource>;
}

/**
 * Registers the suite with vitest.
 *
 * @example
 * datasetSuite({ name: 'sudoku', create: () => createSudoku({ source: { generator: { … } } }) });
 */
export function datasetSuite(suite: DatasetSuite): void {
  describe(`dataset ${suite.name}`, () => {
    const folders: string[] = [];
    const built = async (): Promise<StoredDataset> => {
      const folder = await mkdtemp(join(tmpdir(), 'eddy-dataset-'));
      folders.push(folder);
      const source = await suite.create();
      const { signal } = new AbortController();
      return writeDataset(folder, contentOf(source, signal));
    };
    let dataset: StoredDataset;
    beforeEach(async () => {
      dataset = await built();
    });
    afterEach(async () => {
      await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
    });

    it('describes beforehand what it builds', async () => {
      const source = await suite.create();
      const { metadata } = dataset;
      expect(metadata).toMatchObject(source.describe());
      expect(metadata.grid.rows * metadata.grid.cols).toBe(metadata.seqLen);
      expect(Object.keys(metadata.splits)).toEqual([...source.splits]);
      const { padId, ignoreLabelId, vocabSize } = metadata;
      for (const token of [padId, ignoreLabelId ?? padId]) {
        expect(token).toBeGreaterThanOrEqual(0);
        expect(token).toBeLessThan(vocabSize);
      }
    });

    it('names its puzzle identifiers, the blank one first', async () => {
      const identifiers = await dataset.identifiers();
      expect(identifiers[0]).toBe('<blank>');
      expect(dataset.metadata.blankIdentifierId).toBe(0);
      expect(new Set(identifiers).size).toBe(identifiers.length);
      for (const name of Object.keys(dataset.metadata.splits)) {
        const { puzzleIdentifiers } = await dataset.open(name);
        expect(Math.max(...puzzleIdentifiers)).toBeLessThan(identifiers.length);
      }
    });

    it('builds the same twice, and says so by its fingerprint', async () => {
      const again = await built();
      expect(again.metadata).toEqual(dataset.metadata);
      for (const name of Object.keys(dataset.metadata.splits)) {
        expect(await again.open(name)).toEqual(await dataset.open(name));
      }
      const [first, second] = [await suite.create(), await suite.create()];
      expect(await second.fingerprint()).toBe(await first.fingerprint());
    });

    it('has no example in two splits', async () => {
      const splits = await Promise.all(
        Object.keys(dataset.metadata.splits).map((name) => dataset.open(name)),
      );
      const all = splits.flatMap((split) => [...new Set(inputsOf(split))]);
      expect(new Set(all).size).toBe(all.length);
    });

    it('scores at least one token of every label', async () => {
      const { ignoreLabelId } = dataset.metadata;
      for (const name of Object.keys(dataset.metadata.splits)) {
        const { labels, seqLen } = await dataset.open(name);
        for (let i = 0; i < labels.length; i += seqLen) {
          const label = labels.subarray(i, i + seqLen);
          expect(label.some((token) => token !== ignoreLabelId)).toBe(true);
        }
      }
    });

    it('reads back the puzzles that it writes as text, and finds its own labels right', async () => {
      const source = await suite.create();
      if (source.parse === undefined || source.format === undefined) return;
      const { inputs, labels, seqLen } = await dataset.open('test');
      for (let i = 0; i < Math.min(inputs.length, 20 * seqLen); i += seqLen) {
        const input = inputs.slice(i, i + seqLen);
        expect(source.parse(source.format(input)).puzzles).toEqual([{ input }]);
        expect(source.violations?.(input, labels.slice(i, i + seqLen)) ?? []).toEqual([]);
      }
      expect(() => source.parse!('\u0007')).toThrow('PUZZLE_INVALID');
    });

    it('goes on with the next batch after a stop', async () => {
      const split = await dataset.open('train');
      const options = {
        split,
        metadata: dataset.metadata,
        random: randomStream(0),
        globalBatchSize: Math.min(4, split.groupIndices.length - 1),
        epochs: 4,
      };
      const batches = [...trainingBatches(options)];
      expect([...trainingBatches({ ...options, startStep: 2 })]).toEqual(batches.slice(2));
    });

    it('ends when it is aborted', async () => {
      const source = await suite.create();
      const aborted = AbortSignal.abort(new Error('stopped by the test'));
      await expect(async () => {
        for await (const group of source.groups('train', aborted)) {
          expect(group.puzzles.length).toBeGreaterThan(0);
        }
      }).rejects.toThrow();
    });
  });
}

function inputsOf({ inputs, seqLen }: Split): string[] {
  return Array.from({ length: inputs.length / seqLen }, (_, i) =>
    String(inputs.subarray(i * seqLen, (i + 1) * seqLen)),
  );
}
