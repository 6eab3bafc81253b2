/** A dataset → a folder that the reference's loader reads. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { materialisedGroups } from '@eddy/core/data';
import { syncFolder, syncTree } from '@eddy/core/files';
import type { DatasetArtifact, DatasetMetadata, StreamedGroup } from '@eddy/core';

import { testPuzzlesOf } from '../arc/test-puzzles.ts';
import { exportTargetExists } from './errors.ts';
import { NpyWriter } from '../npy/write-npy.ts';
import {
  arrayFile,
  foldersOf,
  IDENTIFIERS_FILE,
  METADATA_FILE,
  TEST_PUZZLES_FILE,
  type ReferenceMetadata,
} from './layout.ts';

/**
 * Writes every split, with the versions of an augmentation that is applied while sampling. Tokens are
 * uint8, where the reference's own builder makes int64 of augmented Sudokus; `total_puzzles` counts
 * puzzles, where its builders of Sudokus and mazes count groups. Its loader takes either.
 *
 * @param target  a folder that does not exist yet, or is empty; there only when all is written.
 * @returns examples written of each split.
 * @throws EXPORT_TARGET_EXISTS
 */
export async function writeReferenceFolder(
  dataset: DatasetArtifact,
  target: string,
  signal: AbortSignal,
): Promise<Readonly<Record<string, number>>> {
  if (!(await isFree(target))) throw exportTargetExists(target);
  const unfinished = `${path.resolve(target)}.part`;
  await rm(unfinished, { recursive: true, force: true });
  const written: Record<string, number> = {};
  try {
    for (const [name, sets] of foldersOf(Object.keys(dataset.metadata.splits))) {
      const folder = path.join(unfinished, name);
      await mkdir(folder, { recursive: true });
      const sizes: SetSize[] = [];
      for (const [set, split] of sets) {
        const groups = materialisedGroups(() => dataset.open(split), dataset.augmentation, signal);
        const size = await writeSet(folder, set, groups, dataset.metadata);
        sizes.push(size);
        written[split] = size.examples;
      }
      await writeJson(
        path.join(folder, METADATA_FILE),
        metadataOf([...sets.keys()], sizes, dataset.metadata),
      );
    }
    await writeJson(path.join(unfinished, IDENTIFIERS_FILE), await dataset.identifiers());
    if (dataset.metadata.task === 'arc') {
      await writeJson(path.join(unfinished, TEST_PUZZLES_FILE), await testPuzzlesOf(dataset));
    }
    // What somebody put there meanwhile is not ours to delete.
    if (!(await isFree(target))) throw exportTargetExists(target);
    if (existsSync(target)) await rmdir(target);
    await syncTree(unfinished);
    await rename(unfinished, target);
    await syncFolder(path.dirname(path.resolve(target)));
    return written;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** Nothing, or an empty folder. */
async function isFree(target: string): Promise<boolean> {
  if (!existsSync(target)) return true;
  return (await stat(target)).isDirectory() && (await readdir(target)).length === 0;
}

interface SetSize {
  readonly examples: number;
  readonly puzzles: number;
  readonly groups: number;
}

async function writeSet(
  folder: string,
  set: string,
  groups: AsyncIterable<StreamedGroup>,
  metadata: DatasetMetadata,
): Promise<SetSize> {
  const open = (column: string, dtype: 'uint8' | 'int32', rowShape: readonly number[] = []) =>
    NpyWriter.open(path.join(folder, arrayFile(set, column)), dtype, rowShape);
  const columns = {
    inputs: await open('inputs', 'uint8', [metadata.seqLen]),
    labels: await open('labels', 'uint8', [metadata.seqLen]),
    puzzle_identifiers: await open('puzzle_identifiers', 'int32'),
    puzzle_indices: await open('puzzle_indices', 'int32'),
    group_indices: await open('group_indices', 'int32'),
  };
  let [numExamples, numPuzzles, numGroups] = [0, 0, 0];
  try {
    await columns.puzzle_indices.write([0]);
    await columns.group_indices.write([0]);
    for await (const group of groups) {
      for (const { identifier, examples } of group.puzzles) {
        for (const { input, label } of examples) {
          await columns.inputs.write(input);
          await columns.labels.write(label);
        }
        numExamples += examples.length;
        numPuzzles += 1;
        await columns.puzzle_identifiers.write([identifier]);
        await columns.puzzle_indices.write([numExamples]);
      }
      numGroups += 1;
      await columns.group_indices.write([numPuzzles]);
    }
  } finally {
    for (const column of Object.values(columns)) await column.close();
  }
  return { examples: numExamples, puzzles: numPuzzles, groups: numGroups };
}

function metadataOf(
  sets: string[],
  sizes: readonly SetSize[],
  metadata: DatasetMetadata,
): ReferenceMetadata {
  const sum = (unit: keyof SetSize) => sizes.reduce((total, size) => total + size[unit], 0);
  return {
    pad_id: metadata.padId,
    ignore_label_id: metadata.ignoreLabelId,
    blank_identifier_id: metadata.blankIdentifierId,
    vocab_size: metadata.vocabSize,
    seq_len: metadata.seqLen,
    num_puzzle_identifiers: metadata.numPuzzleIdentifiers,
    total_groups: sum('groups'),
    mean_puzzle_examples: sum('examples') / Math.max(1, sum('puzzles')),
    total_puzzles: sum('puzzles'),
    sets,
  };
}

async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFile(file, JSON.stringify(value));
}
