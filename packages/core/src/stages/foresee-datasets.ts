/** What the stages that make datasets say of them before they are made. */
import { DATASET_ARTIFACT } from '../data/dataset-artifact.ts';
import { VALIDATION_SPLIT } from '../data/leakage.ts';
import type {
  Augmentation,
  DatasetMetadata,
  DatasetSource,
  SplitMetadata,
  TaskAugmentation,
} from '../contracts/dataset.ts';
import type {
  ExpectedArtifact,
  ExpectedDataset,
  ExpectedSplits,
  Foresight,
} from '../contracts/foresight.ts';

/**
 * The foresight of a stage that builds what `source` gives.
 *
 * @param validation  the part of the training puzzles that is held out; which they are decides how many.
 */
export function foreseeSource(
  source: DatasetSource,
  stage: string,
  validation?: number,
): Foresight {
  const { numPuzzleIdentifiers } = source.describe();
  const stated = source.expectedSizes?.() ?? {};
  const { train } = stated;
  const sizes =
    validation === undefined || train === undefined
      ? stated
      : {
          ...stated,
          train: partOf(train, 1 - validation),
          [VALIDATION_SPLIT]: partOf(train, validation),
        };
  const splits = [...source.splits, ...(validation === undefined ? [] : [VALIDATION_SPLIT])];
  const value: ExpectedDataset = {
    metadata: source.metadata(),
    ...(numPuzzleIdentifiers === undefined ? {} : { numPuzzleIdentifiers }),
    splits: Object.fromEntries(splits.map((split) => [split, sizes[split]])),
  };
  return { artifacts: [{ kind: DATASET_ARTIFACT, stage, value }] };
}

function partOf(sizes: SplitMetadata, part: number): SplitMetadata {
  const { numGroups, numPuzzles, numExamples, meanPuzzleExamples } = sizes;
  const of = (count: number) => Math.max(1, Math.round(part * count));
  return {
    numGroups: of(numGroups),
    numPuzzles: of(numPuzzles),
    numExamples: of(numExamples),
    meanPuzzleExamples,
  };
}

/** The dataset that a stage expects, where an earlier stage told. */
export function expectedDataset(inputs: readonly ExpectedArtifact[]): ExpectedDataset | undefined {
  const found = inputs.findLast(
    ({ kind, value }) => kind === DATASET_ARTIFACT && value !== undefined,
  );
  return found?.value as ExpectedDataset | undefined;
}

/** The metadata of an expected dataset; undefined unless every size is known. */
export function wholeMetadata(expected: ExpectedDataset): DatasetMetadata | undefined {
  const { metadata, numPuzzleIdentifiers, splits } = expected;
  if (numPuzzleIdentifiers === undefined) return undefined;
  const known = Object.entries(splits).filter(
    (entry): entry is [string, SplitMetadata] => entry[1] !== undefined,
  );
  if (known.length < Object.keys(splits).length) return undefined;
  return { ...metadata, numPuzzleIdentifiers, splits: Object.fromEntries(known) };
}

/**
 * An expected dataset with the versions of an augmentation. Versions that are made while sampling add no
 * examples to the data; how many versions of a task differ is known only when they are drawn.
 */
export function withExpectedVersions(
  expected: ExpectedDataset,
  augmentation: Augmentation | TaskAugmentation,
): ExpectedDataset {
  if ('codesOf' in augmentation) {
    const { numPuzzleIdentifiers: _unknown, ...rest } = expected;
    return { ...rest, splits: mapSizes(expected.splits, () => undefined) };
  }
  if (augmentation.mode === 'on-the-fly') return expected;
  const times = 1 + augmentation.numVersions;
  const splits = mapSizes(expected.splits, (sizes, name) => {
    if (sizes === undefined || !augmentation.splits.includes(name)) return sizes;
    const { numPuzzles, numExamples } = sizes;
    return { ...sizes, numPuzzles: times * numPuzzles, numExamples: times * numExamples };
  });
  return { ...expected, splits };
}

function mapSizes(
  splits: ExpectedSplits,
  change: (sizes: SplitMetadata | undefined, name: string) => SplitMetadata | undefined,
): ExpectedSplits {
  return Object.fromEntries(
    Object.entries(splits).map(([name, sizes]) => [name, change(sizes, name)]),
  );
}
