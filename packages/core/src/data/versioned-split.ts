/** A split together with the versions that an augmentation makes of its puzzles when asked. */
import type { RandomStream } from '../random/random-stream.ts';
import type { Augmentation, Example, Split, TaskAugmentation } from '../contracts/dataset.ts';
import { exampleAt } from './example-at.ts';
import type { VersionedRow, VersionedSplit } from '../contracts/versioned-split.ts';

/** An augmentation together with the randomness that its versions are drawn from. */
export type AttachedAugmentation = AttachedExampleAugmentation | AttachedTaskAugmentation;

interface AttachedExampleAugmentation {
  readonly augmentation: Augmentation;
  /** Version v of group g of a split is drawn from `random.stream(split, g, v)`. */
  readonly random: RandomStream;
}

interface AttachedTaskAugmentation {
  readonly augmentation: TaskAugmentation;
  readonly random: RandomStream;
  readonly plan: VersionPlan;
}

/** The versions that a TaskAugmentation chose: a few bytes each, whatever the examples weigh. */
export interface VersionPlan {
  /**
   * [numPuzzleIdentifiers of the originals + 1] The identifiers of the versions of what had
   * identifier i are `firstIdentifiers[i]` (the original) to `firstIdentifiers[i + 1] − 1`.
   */
  readonly firstIdentifiers: Int32Array;
  /** [numPuzzleIdentifiers] How a version is made; 0 for an original. */
  readonly codes: Int32Array;
}

/** A split as an augmentation shows it; as it is, without one. */
export function versionedSplit(split: Split, attached?: AttachedAugmentation): VersionedSplit {
  if (attached === undefined) return originalsOf(split);
  return 'plan' in attached
    ? versionsOfTasks(split, attached)
    : versionsOfExamples(split, attached);
}

/** Every row in order: group by group, version by version, as a materialised split stores them. */
export function* versionedRows(versioned: VersionedSplit): Generator<VersionedRow> {
  const { puzzleIndices, groupIndices } = versioned.split;
  for (let group = 0; group < groupIndices.length - 1; group++) {
    for (let version = 0; version < versioned.numVersions(group); version++) {
      for (let puzzle = groupIndices[group]!; puzzle < groupIndices[group + 1]!; puzzle++) {
        for (
          let example = puzzleIndices[puzzle]!;
          example < puzzleIndices[puzzle + 1]!;
          example++
        ) {
          yield { example, puzzle, group, version };
        }
      }
    }
  }
}

/** The row of example `index`, as evaluations number them: below `numExamples` of `sizesOf`. */
export function rowAt(versioned: VersionedSplit, index: number): VersionedRow {
  const rows = versionedRows(versioned);
  for (let skipped = 0; skipped < index; skipped++) rows.next();
  return rows.next().value as VersionedRow;
}

/** Puzzles and examples with all versions. */
export function sizesOf(versioned: VersionedSplit): { numPuzzles: number; numExamples: number } {
  const { puzzleIndices, groupIndices } = versioned.split;
  let numPuzzles = 0;
  let numExamples = 0;
  for (let group = 0; group < groupIndices.length - 1; group++) {
    const [first, end] = [groupIndices[group]!, groupIndices[group + 1]!];
    const numVersions = versioned.numVersions(group);
    numPuzzles += numVersions * (end - first);
    numExamples += numVersions * (puzzleIndices[end]! - puzzleIndices[first]!);
  }
  return { numPuzzles, numExamples };
}

function originalsOf(split: Split): VersionedSplit {
  return {
    split,
    numVersions: () => 1,
    identifier: (puzzle) => split.puzzleIdentifiers[puzzle]!,
    example: ({ example }) => exampleAt(split, example),
  };
}

const EMPTY_EXAMPLE: Example = { input: new Uint8Array(0), label: new Uint8Array(0) };

function versionsOfExamples(
  split: Split,
  { augmentation, random }: AttachedExampleAugmentation,
): VersionedSplit {
  const originals = originalsOf(split);
  let latest = { index: -1, example: EMPTY_EXAMPLE };
  const originalAt = (row: VersionedRow): Example => {
    if (row.example !== latest.index) {
      latest = { index: row.example, example: originals.example(row) };
    }
    return latest.example;
  };
  const numVersions = augmentation.splits.includes(split.name) ? 1 + augmentation.numVersions : 1;
  const streamOf = streamsOfVersions(split, random);
  return {
    ...originals,
    numVersions: () => numVersions,
    example(row, into) {
      const original = originalAt(row);
      if (row.version === 0) return original;
      const { group, version } = row;
      return augmentation.apply(original, streamOf(group, version), version, into);
    },
  };
}

function versionsOfTasks(
  split: Split,
  { augmentation, random, plan }: AttachedTaskAugmentation,
): VersionedSplit {
  const { firstIdentifiers, codes } = plan;
  const { puzzleIdentifiers, puzzleIndices, groupIndices } = split;
  const most = 1 + augmentation.numVersions(split.name);
  // The same object for the same example, so that an augmentation may keep what it knows of it.
  const originals: Example[] = [];
  let latest = { group: -1, version: -1, random };
  const fresh = streamsOfVersions(split, random);
  const streamOf = (group: number, version: number): RandomStream => {
    if (group !== latest.group || version !== latest.version) {
      latest = { group, version, random: fresh(group, version) };
    }
    return latest.random;
  };
  return {
    split,
    numVersions(group) {
      const original = puzzleIdentifiers[groupIndices[group]!]!;
      return Math.min(most, firstIdentifiers[original + 1]! - firstIdentifiers[original]!);
    },
    identifier: (puzzle, version) => firstIdentifiers[puzzleIdentifiers[puzzle]!]! + version,
    example({ example, puzzle, group, version }, into) {
      const first = puzzleIndices[puzzle]!;
      const original = (originals[example] ??= exampleAt(split, example));
      const rendered = {
        code: codes[firstIdentifiers[puzzleIdentifiers[puzzle]!]! + version]!,
        split: split.name,
        index: example - first,
        numExamples: puzzleIndices[puzzle + 1]! - first,
        random: streamOf(group, version),
      };
      return augmentation.render(original, rendered, into);
    },
  };
}

/** `random.stream(split, group, version)`, named in parts: many versions of a group come one after another. */
function streamsOfVersions(
  split: Split,
  random: RandomStream,
): (group: number, version: number) => RandomStream {
  const ofSplit = random.stream(split.name);
  let latest = { group: -1, random };
  return (group, version) => {
    if (group !== latest.group) latest = { group, random: ofSplit.stream(group) };
    return latest.random.stream(version);
  };
}
