/** Small datasets for tests of what reads them. */
import type {
  Augmentation,
  DatasetMetadata,
  Example,
  MetadataWithoutSizes,
  PuzzleGroup,
  Split,
} from '../contracts/dataset.ts';

export const exampleMetadata: MetadataWithoutSizes = {
  vocabSize: 11,
  seqLen: 4,
  grid: { rows: 2, cols: 2 },
  task: 'example',
  padId: 0,
  ignoreLabelId: 0,
  blankIdentifierId: 0,
};

/** An example that tells its group and index: tokens [group, index, 1, 2], label [0, index, 3, 4]. */
export function numberedExample(group: number, index: number): Example {
  return {
    input: Uint8Array.of(group, index, 1, 2),
    label: Uint8Array.of(0, index, 3, 4),
    rating: group * 10,
  };
}

/** `sizes[group][puzzle]` = number of examples. */
export function numberedGroups(sizes: readonly (readonly number[])[]): PuzzleGroup[] {
  return sizes.map((puzzles, group) => {
    let index = 0;
    return {
      puzzles: puzzles.map((examples, puzzle) => ({
        identifier: puzzle,
        examples: Array.from({ length: examples }, () => numberedExample(group, index++)),
      })),
    };
  });
}

/** The split that a store would read for these groups. */
export function splitOf(
  name: string,
  groups: readonly PuzzleGroup[],
  described: Partial<MetadataWithoutSizes> = {},
): { split: Split; metadata: DatasetMetadata } {
  const puzzles = groups.flatMap((group) => group.puzzles);
  const examples = puzzles.flatMap((puzzle) => puzzle.examples);
  const split: Split = {
    name,
    seqLen: described.seqLen ?? exampleMetadata.seqLen,
    inputs: Uint8Array.from(examples.flatMap((example) => [...example.input])),
    labels: Uint8Array.from(examples.flatMap((example) => [...example.label])),
    ratings: Float32Array.from(examples, (example) => example.rating ?? Number.NaN),
    puzzleIdentifiers: Int32Array.from(puzzles, (puzzle) => puzzle.identifier),
    puzzleIndices: running(puzzles.map((puzzle) => puzzle.examples.length)),
    groupIndices: running(groups.map((group) => group.puzzles.length)),
  };
  const metadata: DatasetMetadata = {
    ...exampleMetadata,
    ...described,
    numPuzzleIdentifiers: 10,
    splits: {
      [name]: {
        numGroups: groups.length,
        numPuzzles: puzzles.length,
        numExamples: examples.length,
        meanPuzzleExamples: examples.length / puzzles.length,
      },
    },
  };
  return { split, metadata };
}

function running(sizes: readonly number[]): Int32Array {
  const offsets = new Int32Array(sizes.length + 1);
  sizes.forEach((size, i) => (offsets[i + 1] = offsets[i]! + size));
  return offsets;
}

/** Replaces the third token by a drawn one. */
export const drawingAugmentation: Augmentation = {
  numVersions: 3,
  mode: 'on-the-fly',
  splits: ['train'],
  apply(example, random) {
    const input = example.input.slice();
    input[2] = 5 + random.integer(5);
    return { ...example, input };
  },
};
