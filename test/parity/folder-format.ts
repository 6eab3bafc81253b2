/** Dataset folders of the reference: ours have the same files, and theirs read as the fixture states. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import type { PluginReference, Split } from '@eddy/core';
import { withTemporaryFolder } from '@eddy/core/testing';

import { buildDataset, type BuiltDataset } from './build-dataset.ts';
import { assertEqual } from './compare.ts';
import type { Fixture } from './fixture.ts';
import { buildReferenceDataset } from './reference-dataset.ts';

/** Columns of a split as the fixture's tensors hold them. */
export type Columns = Pick<
  Split,
  'inputs' | 'labels' | 'puzzleIndices' | 'groupIndices' | 'puzzleIdentifiers'
>;

const COLUMNS = {
  inputs: 'inputs',
  labels: 'labels',
  puzzleIndices: 'puzzle_indices',
  groupIndices: 'group_indices',
  puzzleIdentifiers: 'puzzle_identifiers',
} as const;

export function statedColumns(fixture: Fixture, prefix: string): Columns {
  const read = (column: string) => fixture.tensor(`${prefix}/all__${column}`).data;
  return {
    inputs: Uint8Array.from(read('inputs')),
    labels: Uint8Array.from(read('labels')),
    puzzleIndices: Int32Array.from(read('puzzle_indices')),
    groupIndices: Int32Array.from(read('group_indices')),
    puzzleIdentifiers: Int32Array.from(read('puzzle_identifiers')),
  };
}

/** What a fixture says of a folder that the reference's builder wrote. */
export interface StatedFolder {
  readonly listing: readonly { readonly path: string }[];
  /** Of each `.npy` file. */
  readonly arrays: Readonly<
    Record<string, { readonly dtype: string; readonly shape: readonly number[] }>
  >;
  /** Contents of each `.json` file. */
  readonly json: Readonly<Record<string, any>>; // eslint-disable-line @typescript-eslint/no-explicit-any -- JSON
}

/**
 * Builds ours, and checks the folder that we would export, which must also read back the same.
 *
 * @param inspect  looks at the folder before it is gone.
 */
export async function buildAndExport(
  what: string,
  stated: StatedFolder,
  dataset: PluginReference,
  augmentation: PluginReference | undefined,
  inspect?: (folder: string) => void,
): Promise<BuiltDataset> {
  return withTemporaryFolder(async (parent) => {
    const folder = path.join(parent, 'out');
    const built = await buildDataset(dataset, augmentation, folder);
    checkFiles(what, stated, folder);
    inspect?.(folder);
    const again = await buildDataset({ use: 'reference-folder', folder });
    checkSame(`${what}, written and read`, again, built);
    return built;
  });
}

/** The archive of a run reads as the tensors of the fixture. */
export async function checkArchive(fixture: Fixture, run: string, archive: string): Promise<void> {
  const { metadata, splits, identifiers } = await buildReferenceDataset(archive);
  const stated = fixture.json[`run_${run}`].json;
  for (const [name, split] of Object.entries(splits)) {
    checkColumns(`${run}/${name}, read`, split, statedColumns(fixture, `${run}/${name}`));
    checkMetadata(`${run}/${name}, read`, { metadata, splits, identifiers }, name, stated);
  }
}

export function checkColumns(what: string, actual: Columns, expected: Columns): void {
  for (const column of Object.keys(COLUMNS) as (keyof Columns)[]) {
    assertEqual(`${what} ${column}`, actual[column], expected[column]);
  }
}

/** Every number of `dataset.json` and the names: but `total_puzzles`, which for Sudokus and mazes counts groups. */
export function checkMetadata(
  what: string,
  ours: BuiltDataset,
  split: string,
  stated: StatedFolder['json'],
): void {
  const names = [ours.identifiers.join(), stated['identifiers.json'].join()] as const;
  checkNumbers(what, ours, split, stated, { identifiers: names });
}

/** @param more  what else is the same in this folder, as pairs of ours and theirs. */
export function checkNumbers(
  what: string,
  { metadata, identifiers }: BuiltDataset,
  split: string,
  stated: StatedFolder['json'],
  more: Readonly<Record<string, readonly [unknown, unknown]>>,
): void {
  const theirs = stated[`${split}/dataset.json`];
  const sizes = metadata.splits[split]!;
  const pairs: Record<string, readonly [unknown, unknown]> = {
    pad_id: [metadata.padId, theirs.pad_id],
    ignore_label_id: [metadata.ignoreLabelId, theirs.ignore_label_id],
    blank_identifier_id: [metadata.blankIdentifierId, theirs.blank_identifier_id],
    vocab_size: [metadata.vocabSize, theirs.vocab_size],
    seq_len: [metadata.seqLen, theirs.seq_len],
    num_puzzle_identifiers: [metadata.numPuzzleIdentifiers, theirs.num_puzzle_identifiers],
    'number of identifiers': [identifiers.length, theirs.num_puzzle_identifiers],
    total_groups: [sizes.numGroups, theirs.total_groups],
    mean_puzzle_examples: [sizes.meanPuzzleExamples, theirs.mean_puzzle_examples],
    ...more,
  };
  for (const [key, [actual, expected]] of Object.entries(pairs)) {
    if (actual !== expected) throw new Error(`${what} ${key}: ${actual}, not ${expected}`);
  }
}

function checkSame(what: string, actual: BuiltDataset, expected: BuiltDataset): void {
  for (const [name, split] of Object.entries(expected.splits)) {
    checkColumns(`${what} ${name}`, actual.splits[name]!, split);
  }
  if (actual.identifiers.join() !== expected.identifiers.join()) {
    throw new Error(`${what}: other identifiers`);
  }
}

/** Same files, same dtypes (int64 apart) and shapes, same keys of the metadata in the same order. */
function checkFiles(what: string, { listing, arrays, json }: StatedFolder, folder: string): void {
  const ours = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.(npy|json)$/.test(file),
  );
  const theirs = listing.map((entry) => entry.path);
  if (ours.sort().join() !== theirs.sort().join()) {
    throw new Error(`${what}: wrote ${ours.join(' ')}, not ${theirs.join(' ')}`);
  }
  for (const [file, { dtype, shape }] of Object.entries(arrays)) {
    const header = readFileSync(path.join(folder, file)).toString('latin1', 0, 128);
    const descr = { uint8: '|u1', int32: '<i4', int64: '|u1' }[dtype];
    const axes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
    const expected = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${axes}), }`;
    if (!header.includes(expected)) throw new Error(`${what} ${file}: ${header}, not ${expected}`);
  }
  for (const file of Object.keys(json).filter((name) => name.endsWith('/dataset.json'))) {
    const written = Object.keys(JSON.parse(readFileSync(path.join(folder, file), 'utf8')));
    const stated = Object.keys(json[file]);
    if (written.join() !== stated.join()) {
      throw new Error(`${what} ${file}: keys ${written.join()}`);
    }
  }
}
