/** A split in order, in batches of one size; the last one padded. */
import { hideIgnoredLabels, NOT_SCORED } from './collate.ts';
import type { DatasetMetadata, HostBatch, Split } from '../contracts/dataset.ts';
import { exampleBuffer } from './example-at.ts';
import {
  sizesOf,
  versionedRows,
  versionedSplit,
  type AttachedAugmentation,
} from './versioned-split.ts';
import type { VersionedRow } from '../contracts/versioned-split.ts';

export interface EvaluationRows extends HostBatch {
  /** Index in the split of the first row. */
  readonly firstExample: number;
  /** Ratings of the `count` real rows, where the data has them. */
  readonly ratings: Float32Array | null;
  /** Groups of the `count` real rows; absent where they come from no split. */
  readonly groups?: Int32Array;
}

/**
 * Batches of `batchSize` rows in the split's order, version by version of a group. Rows beyond `count`
 * are padding: inputs `padId`, labels −100, the blank identifier.
 *
 * @reference SamsungSAILMontreal/TinyRecursiveModels@e7b6871 puzzle_dataset.py `_iter_test`
 */
export function* evaluationBatches(options: {
  readonly split: Split;
  readonly metadata: DatasetMetadata;
  readonly batchSize: number;
  /** Only the first so many examples. */
  readonly maxExamples?: number;
  readonly augmentation?: AttachedAugmentation;
}): Generator<EvaluationRows> {
  const { split, metadata, batchSize } = options;
  const { seqLen, ratings: known } = split;
  const versioned = versionedSplit(split, options.augmentation);
  const numExamples = Math.min(
    sizesOf(versioned).numExamples,
    options.maxExamples ?? Number.POSITIVE_INFINITY,
  );
  const rows = versionedRows(versioned);
  const buffer = exampleBuffer(seqLen);
  for (let first = 0; first < numExamples; first += batchSize) {
    const count = Math.min(batchSize, numExamples - first);
    const inputs = new Int32Array(batchSize * seqLen).fill(metadata.padId);
    const labels = new Int32Array(batchSize * seqLen).fill(NOT_SCORED);
    const puzzleIdentifiers = new Int32Array(batchSize).fill(metadata.blankIdentifierId);
    const ratings = known && new Float32Array(count);
    const groups = new Int32Array(count);
    for (let i = 0; i < count; i++) {
      const row = rows.next().value as VersionedRow;
      const { input, label, rating = Number.NaN } = versioned.example(row, buffer);
      inputs.set(input, i * seqLen);
      labels.set(label, i * seqLen);
      puzzleIdentifiers[i] = versioned.identifier(row.puzzle, row.version);
      if (ratings !== null) ratings[i] = rating;
      groups[i] = row.group;
    }
    hideIgnoredLabels(labels, metadata);
    yield { inputs, labels, puzzleIdentifiers, count, firstExample: first, ratings, groups };
  }
}
