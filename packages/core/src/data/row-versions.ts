/** The versions that an augmentation makes of one example, without the rest of its split. */
import type { Example, Split } from '../contracts/dataset.ts';
import type { DatasetArtifact } from './dataset-artifact.ts';
import type { SplitRow } from './split-rows.ts';
import { versionedSplit } from './versioned-split.ts';

export interface RowVersions {
  /** Versions of the example, the original among them. */
  readonly total: number;
  /** The first ones: version 0 is the original. */
  readonly versions: readonly (Pick<Example, 'input' | 'label'> & { readonly version: number })[];
}

/**
 * Returns what training would see of an example. Versions follow from the names of the split and the group
 * alone, so that the other groups are not needed.
 *
 * @param rows  all rows of the example's puzzle, in order
 * @param index  row of the example
 */
export function versionsOfRow(
  dataset: DatasetArtifact,
  split: string,
  {
    rows,
    index,
    count,
  }: {
    readonly rows: readonly SplitRow[];
    readonly index: number;
    readonly count: number;
  },
): RowVersions {
  const place = rows.findIndex((row) => row.index === index);
  const { group } = rows[place]!;
  const versioned = versionedSplit(puzzleAlone(split, rows), dataset.augmentation);
  const total = versioned.numVersions(group);
  const versions = Array.from({ length: Math.min(total, count) }, (_, version) => {
    const { input, label } = versioned.example({ example: place, puzzle: 0, group, version });
    return { version, input: input.slice(), label: label.slice() };
  });
  return { total, versions };
}

/** A split in which all groups before the puzzle's are empty. */
function puzzleAlone(name: string, rows: readonly SplitRow[]): Split {
  const [{ group, identifier, input }] = rows as readonly [SplitRow, ...SplitRow[]];
  const seqLen = input.length;
  const tokens = (of: (row: SplitRow) => Uint8Array) => {
    const all = new Uint8Array(rows.length * seqLen);
    for (const [i, row] of rows.entries()) all.set(of(row), i * seqLen);
    return all;
  };
  const groupIndices = new Int32Array(group + 2);
  groupIndices[group + 1] = 1;
  return {
    name,
    seqLen,
    inputs: tokens((row) => row.input),
    labels: tokens((row) => row.label),
    ratings: null,
    puzzleIdentifiers: Int32Array.of(identifier),
    puzzleIndices: Int32Array.of(0, rows.length),
    groupIndices,
  };
}
