/**
 * Holds a part of the training puzzles out of training, as a split `validation`. Puzzles that a symmetry of the
 * task maps to one another stay on one side.
 */
import { randomStream } from '../random/random-stream.ts';
import type {
  Example,
  ExampleSymmetries,
  Puzzle,
  Split,
  StreamedGroup,
} from '../contracts/dataset.ts';
import { openDataset, writeDataset } from './dataset-store.ts';
import { validationEmpty, validationExists } from './errors.ts';
import { exampleAt } from './example-at.ts';
import { originals, VALIDATION_SPLIT } from './leakage.ts';

const TRAIN = 'train';

/** Without symmetries only equal examples are the same puzzle. */
const EQUALITY: Pick<ExampleSymmetries, 'canonicalKey' | 'fingerprint'> = {
  canonicalKey: ({ input, label }) =>
    `${Buffer.from(input).toString('latin1')}|${Buffer.from(label).toString('latin1')}`,
};

/** Where an example goes. */
const Place = { train: 0, validation: 1, nowhere: 2 } as const;

type Symmetries = Pick<ExampleSymmetries, 'canonicalKey' | 'fingerprint'>;

/**
 * Writes the dataset in `folder` again, with about `part` of the training examples in the split `validation`.
 * Which ones follows from the examples alone, not from their order.
 *
 * Whole puzzles move where groups share their identifiers (Sudoku, mazes). Where each group has identifiers of
 * its own (ARC), a model could not solve the puzzles of one that it never saw: then single examples move, fewer
 * than half of those of a puzzle, as the test pairs of ARC's tasks do.
 *
 * @throws VALIDATION_EXISTS, VALIDATION_EMPTY
 * @memory the training split twice, and the keys of its examples.
 */
export async function holdOutValidation(
  folder: string,
  options: {
    readonly part: number;
    readonly symmetries: ExampleSymmetries | undefined;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { part, symmetries = EQUALITY, signal } = options;
  const dataset = await openDataset(folder);
  const { metadata } = dataset;
  const names = Object.keys(metadata.splits);
  if (names.includes(VALIDATION_SPLIT)) throw validationExists(folder);
  const splits = new Map<string, Split>();
  // In memory before the files are written over.
  for (const name of names) splits.set(name, await dataset.open(name));
  const train = splits.get(TRAIN);
  const places =
    train && (await chosen(train, metadata.blankIdentifierId, part, symmetries, signal));
  if (train === undefined || places === undefined) {
    throw validationEmpty({ part, examples: train?.puzzleIndices.at(-1) ?? 0, splits: names });
  }
  const identifiers = await dataset.identifiers();
  await writeDataset(folder, {
    metadata,
    splits: [...names, VALIDATION_SPLIT],
    groups: (name) => {
      if (name === VALIDATION_SPLIT)
        return groupsOf(train, (i) => places[i] === Place.validation, signal);
      if (name === TRAIN) return groupsOf(train, (i) => places[i] === Place.train, signal);
      return groupsOf(splits.get(name)!, () => true, signal);
    },
    identifiers: () => identifiers,
  });
}

/** The place of each example of the split; undefined where none can be held out. */
async function chosen(
  train: Split,
  blankIdentifier: number,
  part: number,
  symmetries: Symmetries,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const known = await keysOf(train, symmetries, signal);
  const isByExample = ownsIdentifiers(train, blankIdentifier) && hasRoom(train);
  const units = isByExample ? examplesByKey(known) : groupsByKey(known);
  const numExamples = known.length;
  const target = Math.max(1, Math.round(part * numExamples));
  const random = randomStream(0).stream('validation');
  const drawn = units
    .map((unit) => ({ unit, draw: random.stream(unit.key).uniform() }))
    .sort((a, b) => a.draw - b.draw || (a.unit.key < b.unit.key ? -1 : 1));
  const room = isByExample ? roomOf(train) : undefined;
  const taken: Unit[] = [];
  let size = 0;
  for (const { unit } of drawn) {
    if (size + unit.members.length > target || room?.take(unit) === false) continue;
    taken.push(unit);
    size += unit.members.length;
  }
  if (size === 0 || size === numExamples) return undefined;
  const members = taken.flatMap((unit) => unit.members);
  return isByExample ? markedExamples(train, members, symmetries) : markedGroups(train, members);
}

/** An example of the first puzzle of a group, and what it has in common with those that are the same. */
interface KeyedExample {
  readonly index: number;
  readonly group: number;
  readonly key: string;
}

/** What is held out together or not at all. */
interface Unit {
  /** Tells it from the others, whatever their order. */
  readonly key: string;
  readonly members: readonly KeyedExample[];
}

/** The cheap fingerprint tells most examples apart; the canonical key is made where several share one. */
async function keysOf(
  train: Split,
  { canonicalKey, fingerprint = () => '' }: Symmetries,
  signal: AbortSignal,
): Promise<KeyedExample[]> {
  const prints: string[] = [];
  const numbers = new Map<string, number>();
  for await (const { example } of originals(train, signal)) {
    const print = fingerprint(example);
    prints.push(print);
    numbers.set(print, (numbers.get(print) ?? 0) + 1);
  }
  const known: KeyedExample[] = [];
  for await (const { example, group, index } of originals(train, signal)) {
    const print = prints[known.length]!;
    const isShared = numbers.get(print)! > 1;
    known.push({ index, group, key: isShared ? canonicalKey(example) : print });
  }
  return known;
}

/** True if no two groups share an identifier, and none has the blank one. */
function ownsIdentifiers(split: Split, blankIdentifier: number): boolean {
  const owners = new Map<number, number>();
  for (let group = 0; group < split.groupIndices.length - 1; group++) {
    for (let p = split.groupIndices[group]!; p < split.groupIndices[group + 1]!; p++) {
      const identifier = split.puzzleIdentifiers[p]!;
      if (identifier === blankIdentifier) return false;
      if ((owners.get(identifier) ?? group) !== group) return false;
      owners.set(identifier, group);
    }
  }
  return true;
}

function examplesByKey(known: readonly KeyedExample[]): Unit[] {
  const byKey = new Map<string, KeyedExample[]>();
  for (const example of known) {
    const members = byKey.get(example.key);
    if (members === undefined) byKey.set(example.key, [example]);
    else members.push(example);
  }
  return [...byKey].map(([key, members]) => ({ key, members }));
}

/** Groups that have an example in common are one unit. */
function groupsByKey(known: readonly KeyedExample[]): Unit[] {
  const parents = new Map<number, number>();
  const rootOf = (group: number): number => {
    let root = group;
    for (let next = parents.get(root)!; next !== root; next = parents.get(root)!) {
      parents.set(root, parents.get(next)!);
      root = next;
    }
    return root;
  };
  const firstOf = new Map<string, number>();
  for (const { group, key } of known) {
    if (!parents.has(group)) parents.set(group, group);
    const first = firstOf.get(key);
    if (first === undefined) firstOf.set(key, group);
    else parents.set(rootOf(group), rootOf(first));
  }
  const units = new Map<number, { key: string; members: KeyedExample[] }>();
  for (const example of known) {
    const root = rootOf(example.group);
    const unit = units.get(root);
    if (unit === undefined) units.set(root, { key: example.key, members: [example] });
    else {
      unit.members.push(example);
      if (example.key < unit.key) unit.key = example.key;
    }
  }
  return [...units.values()];
}

/** How many examples of a group's puzzle may go: fewer than half. */
function spareExamples({ groupIndices, puzzleIndices }: Split, group: number): number {
  const puzzle = groupIndices[group]!;
  return Math.ceil((puzzleIndices[puzzle + 1]! - puzzleIndices[puzzle]!) / 2) - 1;
}

/** True if some puzzle can spare an example. */
function hasRoom(split: Split): boolean {
  for (let group = 0; group < split.groupIndices.length - 1; group++) {
    if (spareExamples(split, group) > 0) return true;
  }
  return false;
}

/** Keeps count of what single examples leave of their puzzles. */
function roomOf(split: Split) {
  const left = Array.from({ length: split.groupIndices.length - 1 }, (_, group) =>
    spareExamples(split, group),
  );
  return {
    /** False where a puzzle has no room for its examples of the unit. */
    take({ members }: Unit): boolean {
      const needed = new Map<number, number>();
      for (const { group } of members) needed.set(group, (needed.get(group) ?? 0) + 1);
      for (const [group, count] of needed) if (count > left[group]!) return false;
      for (const [group, count] of needed) left[group]! -= count;
      return true;
    },
  };
}

/** Held-out groups: the original is validated on, its versions on neither side, as in a test split. */
function markedGroups(train: Split, members: readonly KeyedExample[]): Uint8Array {
  const { puzzleIndices, groupIndices } = train;
  const places = new Uint8Array(puzzleIndices.at(-1)!);
  for (const { group } of members) {
    const [first, end] = [groupIndices[group]!, groupIndices[group + 1]!];
    places.fill(Place.nowhere, puzzleIndices[first], puzzleIndices[end]);
    places.fill(Place.validation, puzzleIndices[first], puzzleIndices[first + 1]);
  }
  return places;
}

/** Held-out examples, and the versions of them that their groups hold: each has an identifier that is trained. */
function markedExamples(
  train: Split,
  members: readonly KeyedExample[],
  { canonicalKey }: Symmetries,
): Uint8Array {
  const { puzzleIndices, groupIndices } = train;
  const places = new Uint8Array(puzzleIndices.at(-1)!);
  for (const { group, index } of members) {
    places[index] = Place.validation;
    const [first, end] = [groupIndices[group]!, groupIndices[group + 1]!];
    if (end === first + 1) continue;
    // Versions may have their examples in any order: one is found by what it has in common with the original.
    const key = canonicalKey(exampleAt(train, index));
    for (let i = puzzleIndices[first + 1]!; i < puzzleIndices[end]!; i++) {
      if (canonicalKey(exampleAt(train, i)) === key) places[i] = Place.validation;
    }
  }
  return places;
}

/** The groups of a split with the examples that are wanted; those that have none are left out. */
async function* groupsOf(
  split: Split,
  isWanted: (example: number) => boolean,
  signal: AbortSignal,
): AsyncGenerator<StreamedGroup> {
  const { puzzleIndices, groupIndices, puzzleIdentifiers } = split;
  for (let group = 0; group < groupIndices.length - 1; group++) {
    signal.throwIfAborted();
    const puzzles: Puzzle[] = [];
    for (let puzzle = groupIndices[group]!; puzzle < groupIndices[group + 1]!; puzzle++) {
      const examples: Example[] = [];
      for (let i = puzzleIndices[puzzle]!; i < puzzleIndices[puzzle + 1]!; i++) {
        if (isWanted(i)) examples.push(exampleAt(split, i));
      }
      if (examples.length > 0) puzzles.push({ identifier: puzzleIdentifiers[puzzle]!, examples });
    }
    if (puzzles.length > 0) yield { puzzles };
  }
}
