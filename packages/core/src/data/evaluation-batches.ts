/** A split in order, in batches of one size; the last one padded. */
import { hideIgnoredLabels, NOT_SCORED } from './collate.ts';
import type { DatasetMetadata, HostBatch, Split } from './dataset.ts';

export interface EvaluationRows extends HostBatch {
  /** Index in the split of the first row. */
  readonly firstExample: number;
  /** Ratings of the `count` real rows, where the data has them. */
  readonly ratings: Float32Array | null;
}

/**
 * Batches of `batchSize` rows in the split's order. Rows beyond `count` are padding: inputs `padId`,
 * labels −100, the blank identifier.
 *
 * @reference SamsungSAILMontreal/TinyRecursiveModels@e7b6871 puzzle_dataset.py `_iter_test`
 */
export function* evaluationBatches(options: {
  readonly split: Split;
  readonly metadata: DatasetMetadata;
  readonly batchSize: number;
  /** Only the first so many examples. */
  readonly maxExamples?: number;
}): Generator<EvaluationRows> {
  const { split, metadata, batchSize } = options;
  const { seqLen } = split;
  const numExamples = Math.min(
    split.inputs.length / seqLen,
    options.maxExamples ?? Number.POSITIVE_INFINITY,
  );
  let puzzle = 0;
  for (let first = 0; first < numExamples; first += batchSize) {
    const count = Math.min(batchSize, numExamples - first);
    const inputs = new Int32Array(batchSize * seqLen).fill(metadata.padId);
    const labels = new Int32Array(batchSize * seqLen).fill(NOT_SCORED);
    const puzzleIdentifiers = new Int32Array(batchSize).fill(metadata.blankIdentifierId);
    inputs.set(split.inputs.subarray(first * seqLen, (first + count) * seqLen));
    labels.set(split.labels.subarray(first * seqLen, (first + count) * seqLen));
    hideIgnoredLabels(labels, metadata);
    for (let row = 0; row < count; row++) {
      while (split.puzzleIndices[puzzle + 1]! <= first + row) puzzle += 1;
      puzzleIdentifiers[row] = split.puzzleIdentifiers[puzzle]!;
    }
    const ratings = split.ratings?.subarray(first, first + count) ?? null;
    yield { inputs, labels, puzzleIdentifiers, count, firstExample: first, ratings };
  }
}
