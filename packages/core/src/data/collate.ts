/** Rows of a split → int32 arrays of a batch. */
import type { DatasetMetadata, HostBatch, Split } from './dataset.ts';
import { exampleAt } from './example-at.ts';
import type { AttachedAugmentation } from './sampler.ts';

/** Label of a token that is not scored. */
export const NOT_SCORED = -100;

/** Which examples a batch is made of, one entry a row. */
export interface Rows {
  readonly count: number;
  /** Index in the split's inputs and labels. */
  readonly examples: Int32Array;
  readonly puzzles: Int32Array;
  readonly groups: Int32Array;
  /** Version of the augmentation, 0 = the original. */
  readonly versions: Int32Array;
}

export interface CollateOptions {
  readonly split: Split;
  readonly metadata: DatasetMetadata;
  readonly augmentation?: AttachedAugmentation;
}

/** Copies the rows into a batch, the planned version of each; labels equal to `ignoreLabelId` become −100. */
export function collate(options: CollateOptions, rows: Rows): HostBatch {
  const { split, metadata, augmentation } = options;
  const { seqLen } = split;
  const inputs = new Int32Array(rows.count * seqLen);
  const labels = new Int32Array(rows.count * seqLen);
  const puzzleIdentifiers = new Int32Array(rows.count);
  for (let row = 0; row < rows.count; row++) {
    const offset = row * seqLen;
    const version = rows.versions[row]!;
    let example = exampleAt(split, rows.examples[row]!);
    if (version > 0 && augmentation !== undefined) {
      const random = augmentation.random.stream(split.name, rows.groups[row]!, version);
      example = augmentation.augmentation.apply(example, random, version);
    }
    inputs.set(example.input, offset);
    labels.set(example.label, offset);
    puzzleIdentifiers[row] = split.puzzleIdentifiers[rows.puzzles[row]!]!;
  }
  hideIgnoredLabels(labels, metadata);
  return { inputs, labels, puzzleIdentifiers, count: rows.count };
}

export function hideIgnoredLabels(labels: Int32Array, metadata: DatasetMetadata): void {
  const { ignoreLabelId } = metadata;
  if (ignoreLabelId === null) return;
  for (let i = 0; i < labels.length; i++) if (labels[i] === ignoreLabelId) labels[i] = NOT_SCORED;
}
