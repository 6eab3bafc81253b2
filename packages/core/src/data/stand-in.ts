/** A dataset of the right sizes and no content: `plan` measures steps on it where the data are not built. */
import type { DatasetMetadata, Split } from '../contracts/dataset.ts';
import type { DatasetArtifact } from './dataset-artifact.ts';
import { splitMissing } from './errors.ts';

/**
 * Returns a dataset whose every token is the same. A compiled step takes the same time on it, because nothing in
 * one depends on the values.
 */
export function standInDataset(metadata: DatasetMetadata): DatasetArtifact {
  const opened = new Map<string, Split>();
  return {
    folder: 'no folder',
    metadata,
    identifiers: () =>
      Promise.resolve(Array.from({ length: metadata.numPuzzleIdentifiers }, (_, i) => String(i))),
    open: (name) => {
      const known = Object.keys(metadata.splits);
      if (!known.includes(name)) return Promise.reject(splitMissing('no folder', name, known));
      const split = opened.get(name) ?? standInSplit(name, metadata);
      opened.set(name, split);
      return Promise.resolve(split);
    },
  };
}

function standInSplit(name: string, metadata: DatasetMetadata): Split {
  const { seqLen, padId, numPuzzleIdentifiers, vocabSize, ignoreLabelId } = metadata;
  const { numGroups, numPuzzles, numExamples } = metadata.splits[name]!;
  const token = (refused: readonly (number | null)[]) =>
    Math.max(
      0,
      Array.from({ length: vocabSize }, (_, i) => i).findIndex((i) => !refused.includes(i)),
    );
  return {
    name,
    seqLen,
    inputs: new Uint8Array(numExamples * seqLen).fill(token([padId])),
    labels: new Uint8Array(numExamples * seqLen).fill(token([padId, ignoreLabelId])),
    ratings: null,
    puzzleIdentifiers: Int32Array.from({ length: numPuzzles }, (_, i) => i % numPuzzleIdentifiers),
    puzzleIndices: evenly(numPuzzles, numExamples),
    groupIndices: evenly(numGroups, numPuzzles),
  };
}

/** Offsets of `parts` parts, as equal as can be, of `count` things. */
function evenly(parts: number, count: number): Int32Array {
  return Int32Array.from({ length: parts + 1 }, (_, i) =>
    Math.floor((i * count) / Math.max(1, parts)),
  );
}
