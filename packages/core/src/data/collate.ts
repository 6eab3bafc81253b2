/** Rows of a split → int32 arrays of a batch. */
import type { BatchBuffers } from './batch-buffers.ts';
import type { DatasetMetadata, HostBatch } from '../contracts/dataset.ts';
import { exampleBuffer } from './example-at.ts';
import type { VersionedSplit } from '../contracts/versioned-split.ts';

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

/** Copies the rows into a batch, the planned version of each; labels equal to `ignoreLabelId` become −100. */
export function collate(
  versioned: VersionedSplit,
  metadata: DatasetMetadata,
  rows: Rows,
  buffers: BatchBuffers,
): HostBatch {
  const { seqLen } = versioned.split;
  const { inputs, labels, puzzleIdentifiers } = buffers.take(rows.count, seqLen);
  const buffer = exampleBuffer(seqLen);
  for (let row = 0; row < rows.count; row++) {
    const version = rows.versions[row]!;
    const puzzle = rows.puzzles[row]!;
    const group = rows.groups[row]!;
    const example = rows.examples[row]!;
    const { input, label } = versioned.example({ example, puzzle, group, version }, buffer);
    inputs.set(input, row * seqLen);
    labels.set(label, row * seqLen);
    puzzleIdentifiers[row] = versioned.identifier(puzzle, version);
  }
  hideIgnoredLabels(labels, metadata);
  return { inputs, labels, puzzleIdentifiers, count: rows.count };
}

export function hideIgnoredLabels(labels: Int32Array, metadata: DatasetMetadata): void {
  const { ignoreLabelId } = metadata;
  if (ignoreLabelId === null) return;
  for (let i = 0; i < labels.length; i++) if (labels[i] === ignoreLabelId) labels[i] = NOT_SCORED;
}
