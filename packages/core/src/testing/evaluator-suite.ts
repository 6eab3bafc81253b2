/** What every evaluator plugin must do, for authors inside and outside this repository. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { DatasetMetadata, Split } from '../contracts/dataset.ts';
import { versionedSplit } from '../data/versioned-split.ts';
import type { MetricDescriptions } from '../contracts/metric.ts';
import { describeMetric } from '../run/metric.ts';
import type { EvaluationBatch, Evaluator } from '../contracts/evaluator.ts';
import { sizeOf, type HostTensor, type HostTree } from '@eddy/tensor/spec';
import { splitOf } from './example-dataset.ts';

/** One example with what a model made of it. */
export interface EvaluatedRow {
  readonly input: Int32Array;
  /** −100 = not scored. */
  readonly label: Int32Array;
  readonly puzzleIdentifier: number;
  readonly rating: number;
  /** Outputs of this row, without the batch axis. */
  readonly outputs: HostTree;
}

export interface EvaluatorSuite {
  readonly name: string;
  create(): Evaluator;
  readonly dataset: DatasetMetadata;
  /** Names of puzzle identifiers, where the evaluator reads them. */
  readonly identifiers?: readonly string[];
  readonly rows: readonly EvaluatedRow[];
  /** Metrics of these rows, worked out by hand. */
  readonly expected: Readonly<Record<string, number>>;
  /** `metrics` of the plugin: what its metrics mean. */
  readonly metrics?: MetricDescriptions | undefined;
}

/**
 * Registers the suite with vitest.
 *
 * @example
 * evaluatorSuite({ name: 'first-cell', create: () => new FirstCell(), dataset, rows, expected: { first_cell: 0.5 } });
 */
export function evaluatorSuite(suite: EvaluatorSuite): void {
  const { rows } = suite;

  describe(`evaluator ${suite.name}`, () => {
    let folder: string;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'eddy-evaluator-'));
    });
    afterEach(() => rm(folder, { recursive: true }));

    const resultOf = async (evaluator: Evaluator, batches: readonly EvaluationBatch[]) => {
      await evaluator.begin({
        step: 1,
        split: 'test',
        folder,
        dataset: suite.dataset,
        identifiers: suite.identifiers ?? ['<blank>'],
        examples: versionedSplit(splitWith(rows, suite.dataset)),
        earlierFolders: [],
      });
      for (const batch of batches) evaluator.update(batch);
      return evaluator.result();
    };
    const evaluated = async (evaluator: Evaluator, batches: readonly EvaluationBatch[]) =>
      (await resultOf(evaluator, batches)).metrics;
    const expectMetrics = (metrics: Readonly<Record<string, number>>) => {
      expect(Object.keys(metrics).sort()).toEqual(Object.keys(suite.expected).sort());
      for (const [name, value] of Object.entries(suite.expected)) {
        expect(metrics[name], name).toBeCloseTo(value, 6);
      }
    };

    it('asks for outputs that the rows have', () => {
      for (const name of suite.create().requiredOutputs) {
        expect(Object.keys(rows[0]!.outputs)).toContain(name);
      }
    });

    it('measures what was worked out by hand', async () => {
      expectMetrics(await evaluated(suite.create(), batchesOf(rows, rows.length, suite.dataset)));
    });

    it('does not depend on how rows are batched, nor on padding', async () => {
      for (const batchSize of [1, 2, rows.length + 3]) {
        expectMetrics(await evaluated(suite.create(), batchesOf(rows, batchSize, suite.dataset)));
      }
    });

    it('leaves what it is shown as it is: other evaluators see the same', async () => {
      const batches = batchesOf(rows, 2, suite.dataset);
      const before = structuredClone(batches);
      await evaluated(suite.create(), batches);
      expect(batches).toEqual(before);
    });

    it('writes the files that it names', async () => {
      const { files = [] } = await resultOf(suite.create(), batchesOf(rows, 2, suite.dataset));
      const written = await readdir(folder, { recursive: true });
      expect(written).toEqual(expect.arrayContaining([...files]));
    });

    it('does without ratings', async () => {
      const unrated = batchesOf(rows, 2, suite.dataset).map((b) => ({ ...b, ratings: null }));
      for (const value of Object.values(await evaluated(suite.create(), unrated))) {
        expect(Number.isFinite(value)).toBe(true);
      }
    });

    it('starts afresh at every begin', async () => {
      const evaluator = suite.create();
      await evaluated(evaluator, batchesOf(rows.slice(0, 1), 1, suite.dataset));
      expectMetrics(await evaluated(evaluator, batchesOf(rows, 2, suite.dataset)));
    });

    if (suite.metrics !== undefined) {
      it('describes each of its metrics in words', () => {
        for (const name of Object.keys(suite.expected)) {
          const { label, explanation } = describeMetric(name, suite.metrics);
          expect(label, name).toMatch(/^[A-Z\d]/);
          expect(explanation, name).toMatch(/^[A-Z\d].*\.$/);
        }
      });
    }

    it('gives numbers even when there was nothing to see', async () => {
      for (const value of Object.values(await evaluated(suite.create(), []))) {
        expect(Number.isFinite(value)).toBe(true);
      }
    });
  });
}

/** The split that these rows are of, a group and a puzzle each. */
function splitWith(rows: readonly EvaluatedRow[], dataset: DatasetMetadata): Split {
  const ignored = dataset.ignoreLabelId ?? dataset.padId;
  const tokens = (all: Int32Array) =>
    Uint8Array.from(all, (token) => (token < 0 ? ignored : token));
  const groups = rows.map((row) => ({
    puzzles: [
      {
        identifier: row.puzzleIdentifier,
        examples: [{ input: tokens(row.input), label: tokens(row.label), rating: row.rating }],
      },
    ],
  }));
  return splitOf('test', groups, dataset).split;
}

/** Rows in batches of one size; padding has the outputs of the first row, which nobody may count. */
function batchesOf(
  rows: readonly EvaluatedRow[],
  batchSize: number,
  dataset: DatasetMetadata,
): EvaluationBatch[] {
  const { seqLen } = dataset;
  const batches: EvaluationBatch[] = [];
  for (let first = 0; first < rows.length; first += batchSize) {
    const real = rows.slice(first, first + batchSize);
    const padded = Array.from({ length: batchSize }, (_, i) => real[i] ?? rows[0]!);
    const inputs = new Int32Array(batchSize * seqLen).fill(dataset.padId);
    const labels = new Int32Array(batchSize * seqLen).fill(-100);
    real.forEach((row, i) => {
      inputs.set(row.input, i * seqLen);
      labels.set(row.label, i * seqLen);
    });
    batches.push({
      inputs,
      labels,
      puzzleIdentifiers: Int32Array.from(padded, (row) => row.puzzleIdentifier),
      count: real.length,
      firstExample: first,
      ratings: Float32Array.from(real, (row) => row.rating),
      outputs: stacked(padded.map((row) => row.outputs)),
    });
  }
  return batches;
}

function stacked(trees: readonly HostTree[]): HostTree {
  return Object.fromEntries(
    Object.entries(trees[0]!).map(([name, { shape, dtype, data }]) => {
      const size = sizeOf(shape);
      const all = new (data.constructor as new (length: number) => typeof data)(
        trees.length * size,
      );
      trees.forEach((tree, i) => all.set(tree[name]!.data, i * size));
      const tensor: HostTensor = { shape: [trees.length, ...shape], dtype, data: all };
      return [name, tensor];
    }),
  );
}
