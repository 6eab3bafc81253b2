/** A folder of the reference → groups of puzzles. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { JSON_LIMIT, readInputFile, refuseGitLfsPointerFile, sha256OfFile } from '@eddy/core/files';
import type { Example, Puzzle, PuzzleGroup, SplitMetadata } from '@eddy/core';
import { z } from 'zod';
import { EddyError } from '@eddy/tensor/errors';

import { referenceFolderInvalid } from './errors.ts';
import { npyByteRows, npyIntegers, openNpy, type NpyFile } from '../npy/read-npy.ts';
import {
  arrayFile,
  COLUMNS,
  IDENTIFIERS_FILE,
  METADATA_FILE,
  metadataSchema,
  splitsOf,
  TRAIN,
  type ReferenceMetadata,
} from './layout.ts';

/** In the order of splits: first those that every builder writes. */
const USUAL = [TRAIN, 'test'];

export interface ReferenceFolder {
  readonly folder: string;
  /** Of each folder with splits, `train` and `test` as a rule. */
  readonly metadata: Readonly<Record<string, ReferenceMetadata>>;
  readonly splits: ReadonlyMap<string, ReferenceSplit>;
  readonly identifiers: readonly string[];
}

export interface ReferenceSplit {
  readonly folder: string;
  readonly sets: readonly string[];
}

/** Reads the JSON files. @throws REFERENCE_FOLDER_INVALID */
export async function openReferenceFolder(folder: string): Promise<ReferenceFolder> {
  const metadata: Record<string, ReferenceMetadata> = {};
  const splits = new Map<string, ReferenceSplit>();
  for (const name of await foldersWithMetadata(folder)) {
    const own = await readJson(path.join(folder, name, METADATA_FILE), metadataSchema);
    metadata[name] = own;
    for (const [split, sets] of splitsOf(name, own.sets)) splits.set(split, { folder: name, sets });
  }
  if (splits.size === 0) {
    throw referenceFolderInvalid({
      at: folder,
      expected: `train/${METADATA_FILE} or test/${METADATA_FILE}`,
      received: 'neither',
    });
  }
  const identifiers = await readJson(path.join(folder, IDENTIFIERS_FILE), z.array(z.string()));
  const [first] = Object.keys(metadata) as [string];
  checkAgreement(folder, metadata, first);
  const wanted = metadata[first]!.num_puzzle_identifiers;
  if (identifiers.length !== wanted) {
    throw referenceFolderInvalid({
      at: path.join(folder, IDENTIFIERS_FILE),
      expected: `${wanted} names, num_puzzle_identifiers of ${first}/${METADATA_FILE}`,
      received: String(identifiers.length),
    });
  }
  return { folder, metadata, splits, identifiers };
}

/** The sizes that the metadata state: of splits that are a folder of their own, and whose puzzles are counted. */
export function statedSizes({
  metadata,
  splits,
}: ReferenceFolder): Readonly<Record<string, SplitMetadata>> {
  const known = [...splits].flatMap(([split, { folder, sets }]): [string, SplitMetadata][] => {
    const { total_puzzles, total_groups, mean_puzzle_examples, sets: all } = metadata[folder]!;
    if (total_puzzles === undefined || sets.length < all.length) return [];
    const numExamples = Math.round(total_puzzles * mean_puzzle_examples);
    const meanPuzzleExamples = mean_puzzle_examples;
    const counts = { numGroups: total_groups, numPuzzles: total_puzzles, numExamples };
    return [[split, { ...counts, meanPuzzleExamples }]];
  });
  return Object.fromEntries(known);
}

async function foldersWithMetadata(folder: string): Promise<string[]> {
  const entries = await readdir(folder).catch((cause: unknown) => {
    throw referenceFolderInvalid({
      at: folder,
      expected: 'a folder',
      received: String((cause as NodeJS.ErrnoException).code),
      cause,
    });
  });
  // A split has a plain name: not `.ipynb_checkpoints`, not `train - Copy`.
  const others = entries.filter((name) => !USUAL.includes(name) && /^\w[\w-]*$/.test(name)).sort();
  return [...USUAL, ...others].filter((name) => existsSync(path.join(folder, name, METADATA_FILE)));
}

/** What all splits must say alike, because one model reads them. */
function checkAgreement(
  folder: string,
  metadata: Readonly<Record<string, ReferenceMetadata>>,
  first: string,
): void {
  const keys = [
    'pad_id',
    'ignore_label_id',
    'blank_identifier_id',
    'vocab_size',
    'seq_len',
    'num_puzzle_identifiers',
  ] as const;
  for (const [split, own] of Object.entries(metadata)) {
    for (const key of keys) {
      if (own[key] === metadata[first]![key]) continue;
      throw referenceFolderInvalid({
        at: path.join(folder, split, METADATA_FILE),
        expected: `${key} ${metadata[first]![key]}, as in ${first}/${METADATA_FILE}`,
        received: String(own[key]),
      });
    }
  }
}

async function readJson<T>(file: string, schema: z.ZodType<T>): Promise<T> {
  await refuseGitLfsPointerFile(file);
  let value: unknown;
  try {
    // Skips a byte order mark, as `readFile` would not.
    value = JSON.parse(new TextDecoder().decode(await readInputFile(file, JSON_LIMIT)));
  } catch (cause) {
    if (cause instanceof EddyError) throw cause;
    const received = cause instanceof Error ? cause.message : String(cause);
    throw referenceFolderInvalid({ at: file, expected: 'JSON', received, cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const expected = issue.message.replace(/^Invalid input: expected /, '');
  throw referenceFolderInvalid({
    at: `${file} ${issue.path.join('.')}`.trimEnd(),
    expected,
    received: 'something else',
  });
}

/**
 * The groups of a split, set after set.
 *
 * @throws REFERENCE_FOLDER_INVALID, NPY_INVALID
 * @memory the indices, and a piece of the inputs and labels.
 */
export async function* groupsOfSplit(
  opened: ReferenceFolder,
  split: string,
  signal: AbortSignal,
): AsyncGenerator<PuzzleGroup> {
  const { folder, sets } = opened.splits.get(split)!;
  await checkNumberOfGroups(opened, folder);
  for (const set of sets) {
    yield* groupsOfSet(path.join(opened.folder, folder), set, opened.metadata[folder]!, signal);
  }
}

/** `total_groups` counts those of all sets. */
async function checkNumberOfGroups(
  { folder, metadata }: ReferenceFolder,
  name: string,
): Promise<void> {
  const { sets, total_groups: expected } = metadata[name]!;
  let groups = 0;
  for (const set of sets) {
    const { shape } = await openArray(path.join(folder, name), set, 'group_indices', 1);
    groups += shape[0]! - 1;
  }
  if (groups === expected) return;
  throw referenceFolderInvalid({
    at: path.join(folder, name, METADATA_FILE),
    expected: `total_groups ${expected}`,
    received: `${groups} groups`,
  });
}

async function* groupsOfSet(
  folder: string,
  set: string,
  metadata: ReferenceMetadata,
  signal: AbortSignal,
): AsyncGenerator<PuzzleGroup> {
  const opened = (column: string, axes: number) => openArray(folder, set, column, axes);
  const inputs = await opened('inputs', 2);
  const labels = await opened('labels', 2);
  for (const { file, shape } of [inputs, labels]) {
    if (shape[0] === inputs.shape[0] && shape[1] === metadata.seq_len) continue;
    throw referenceFolderInvalid({
      at: file,
      expected: `shape (${inputs.shape[0]}, ${metadata.seq_len}): examples as in inputs, seq_len`,
      received: `shape (${shape.join(', ')})`,
    });
  }
  const identifiers = await npyIntegers(await opened('puzzle_identifiers', 1), signal);
  const puzzles = await offsets(await opened('puzzle_indices', 1), inputs.shape[0]!, signal);
  const groups = await offsets(await opened('group_indices', 1), puzzles.length - 1, signal);
  checkIdentifiers(path.join(folder, arrayFile(set, 'puzzle_identifiers')), identifiers, {
    numPuzzles: puzzles.length - 1,
    numIdentifiers: metadata.num_puzzle_identifiers,
  });

  const inputRows = npyByteRows(inputs, signal);
  const labelRows = npyByteRows(labels, signal);
  try {
    for (let group = 0; group + 1 < groups.length; group++) {
      signal.throwIfAborted();
      const members: Puzzle[] = [];
      for (let puzzle = groups[group]!; puzzle < groups[group + 1]!; puzzle++) {
        const examples: Example[] = [];
        for (let i = puzzles[puzzle]!; i < puzzles[puzzle + 1]!; i++) {
          const [input, label] = [await inputRows.next(), await labelRows.next()];
          examples.push({ input: input.value as Uint8Array, label: label.value as Uint8Array });
        }
        members.push({ identifier: identifiers[puzzle]!, examples });
      }
      yield { puzzles: members };
    }
  } finally {
    await Promise.all([inputRows.return(), labelRows.return()]);
  }
}

async function openArray(
  folder: string,
  set: string,
  column: string,
  axes: number,
): Promise<NpyFile> {
  const npy = await openNpy(path.join(folder, arrayFile(set, column)));
  if (npy.shape.length === axes) return npy;
  throw referenceFolderInvalid({
    at: npy.file,
    expected: `${axes} axes`,
    received: `shape (${npy.shape.join(', ')})`,
  });
}

/** Offsets 0 = o₀ < o₁ < … = `end`: where each puzzle or group begins. */
async function offsets(npy: NpyFile, end: number, signal: AbortSignal): Promise<Int32Array> {
  const values = await npyIntegers(npy, signal);
  const refuse = (received: string) =>
    referenceFolderInvalid({ at: npy.file, expected: `offsets rising from 0 to ${end}`, received });
  if (values.length === 0) throw refuse('no offsets');
  for (let i = 1; i < values.length; i++) {
    if (values[i]! <= values[i - 1]!) throw refuse(`${values[i]} after ${values[i - 1]} at ${i}`);
  }
  if (values[0] !== 0 || values.at(-1) !== end) throw refuse(`${values[0]} to ${values.at(-1)}`);
  return values;
}

function checkIdentifiers(
  file: string,
  identifiers: Int32Array,
  { numPuzzles, numIdentifiers }: { readonly numPuzzles: number; readonly numIdentifiers: number },
): void {
  if (identifiers.length !== numPuzzles) {
    const received = `${identifiers.length}`;
    throw referenceFolderInvalid({ at: file, expected: `${numPuzzles} identifiers`, received });
  }
  const wrong = identifiers.find((identifier) => identifier < 0 || identifier >= numIdentifiers);
  if (wrong === undefined) return;
  const expected = `identifiers below ${numIdentifiers}`;
  throw referenceFolderInvalid({ at: file, expected, received: String(wrong) });
}

/** Hash of the files that are read, and of their names; others beside them make no difference. */
export async function fingerprintOf({ folder, metadata }: ReferenceFolder): Promise<string> {
  const hash = createHash('sha256');
  const files = [path.join(folder, IDENTIFIERS_FILE)];
  for (const [own, { sets }] of Object.entries(metadata)) {
    const arrays = sets.flatMap((set) => COLUMNS.map((column) => arrayFile(set, column)));
    files.push(...[METADATA_FILE, ...arrays].sort().map((name) => path.join(folder, own, name)));
  }
  for (const file of files) {
    hash.update(`${path.relative(folder, file)} ${await sha256OfFile(file)}\n`);
  }
  return hash.digest('hex');
}
