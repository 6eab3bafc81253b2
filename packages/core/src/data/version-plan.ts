/** Chooses the versions of a TaskAugmentation for a whole dataset, and what follows from them. */
import type { RandomStream } from '../random/random-stream.ts';
import type {
  DatasetMetadata,
  Example,
  Split,
  SplitMetadata,
  TaskAugmentation,
} from '../contracts/dataset.ts';
import type { StoredDataset } from './dataset-store.ts';
import { severalPuzzlesAGroup } from './errors.ts';
import { exampleAt } from './example-at.ts';
import {
  sizesOf,
  versionedSplit,
  type AttachedAugmentation,
  type VersionPlan,
} from './versioned-split.ts';

/** A line of progress for each would take longer than its versions. */
const TASKS_A_TURN = 16;

/**
 * The versions of every task. Puzzles with one identifier, in whatever split, are one task; its
 * versions are drawn from `random.stream('versions', name)`, so that neither the other tasks nor their
 * order changes them.
 *
 * @throws SEVERAL_PUZZLES_A_GROUP when the dataset holds versions already
 */
export async function planVersions(
  dataset: StoredDataset,
  augmentation: TaskAugmentation,
  random: RandomStream,
  options: {
    readonly signal: AbortSignal;
    readonly progress?: (done: number, total: number) => void;
  },
): Promise<VersionPlan> {
  const names = await dataset.identifiers();
  const tasks = await examplesByIdentifier(dataset);
  const firstIdentifiers = new Int32Array(names.length + 1);
  const codes: number[] = [];
  for (const [identifier, name] of names.entries()) {
    options.signal.throwIfAborted();
    firstIdentifiers[identifier] = codes.length;
    codes.push(0);
    const examples = tasks.get(identifier);
    if (examples === undefined) continue; // the blank one
    const drawn = augmentation.codesOf(examples, random.stream('versions', name));
    for (const code of drawn) codes.push(code);
    if (identifier % TASKS_A_TURN !== 0) continue;
    options.progress?.(identifier, names.length - 1);
    // Lets the signal and other stages have their turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
  options.progress?.(names.length - 1, names.length - 1);
  firstIdentifiers[names.length] = codes.length;
  return { firstIdentifiers, codes: Int32Array.from(codes) };
}

/** Names of all versions, by identifier. */
export function namesOfVersions(
  originals: readonly string[],
  augmentation: TaskAugmentation,
  { firstIdentifiers, codes }: VersionPlan,
): string[] {
  const names = new Array<string>(codes.length);
  for (const [i, name] of originals.entries()) {
    const first = firstIdentifiers[i]!;
    names[first] = name;
    for (let identifier = first + 1; identifier < firstIdentifiers[i + 1]!; identifier++) {
      names[identifier] = augmentation.nameOf(name, codes[identifier]!);
    }
  }
  return names;
}

/** What the metadata says of the dataset once its tasks have versions. */
export async function metadataWithVersions(
  dataset: StoredDataset,
  attached: AttachedAugmentation & { readonly plan: VersionPlan },
): Promise<DatasetMetadata> {
  const { metadata } = dataset;
  const splits: Record<string, SplitMetadata> = {};
  for (const [name, { numGroups }] of Object.entries(metadata.splits)) {
    const sizes = sizesOf(versionedSplit(await dataset.open(name), attached));
    const meanPuzzleExamples = sizes.numExamples / sizes.numPuzzles;
    splits[name] = { numGroups, ...sizes, meanPuzzleExamples };
  }
  return { ...metadata, numPuzzleIdentifiers: attached.plan.codes.length, splits };
}

async function examplesByIdentifier(dataset: StoredDataset): Promise<Map<number, Example[]>> {
  const tasks = new Map<number, Example[]>();
  for (const name of Object.keys(dataset.metadata.splits)) {
    const split = await dataset.open(name);
    requireOnePuzzleAGroup(split);
    for (const [puzzle, identifier] of split.puzzleIdentifiers.entries()) {
      const examples = tasks.get(identifier) ?? [];
      for (let i = split.puzzleIndices[puzzle]!; i < split.puzzleIndices[puzzle + 1]!; i++) {
        examples.push(exampleAt(split, i));
      }
      tasks.set(identifier, examples);
    }
  }
  return tasks;
}

function requireOnePuzzleAGroup(split: Split): void {
  const numPuzzles = split.puzzleIdentifiers.length;
  const numGroups = split.groupIndices.length - 1;
  if (numPuzzles !== numGroups) throw severalPuzzlesAGroup(split.name, numPuzzles, numGroups);
}
