/** The tasks that are tested on, as the reference's ARC evaluator reads them: `test_puzzles.json`. */
import { versionedSplit } from '@eddy/core/data';
import type { DatasetArtifact, VersionedSplit } from '@eddy/core';
import { parseArcVersionName, type ArcPair } from '@eddy/puzzles';

import { pairOf } from './pairs.ts';
import { rowsOfGrid } from './tasks.ts';

interface PairJson {
  readonly input: readonly (readonly number[])[];
  readonly output: readonly (readonly number[])[];
}

/** Pairs that choose checkpoints are no test pairs. */
const NOT_TESTED = ['train', 'validation'];

/** Task → its demonstrations and test pairs, of every original that is tested on. */
export async function testPuzzlesOf(
  dataset: DatasetArtifact,
): Promise<Record<string, { readonly train: PairJson[]; readonly test: PairJson[] }>> {
  const splits = Object.keys(dataset.metadata.splits);
  const train = await originalsOf(dataset, splits.filter((split) => split === 'train')); // prettier-ignore
  const test = await originalsOf(dataset, splits.filter((split) => !NOT_TESTED.includes(split))); // prettier-ignore
  return Object.fromEntries(
    Array.from(test, ([task, pairs]) => [
      task,
      { train: (train.get(task) ?? []).map(pairJson), test: pairs.map(pairJson) },
    ]),
  );
}

/** Task → the pairs of its original, of all these splits. */
async function originalsOf(
  dataset: DatasetArtifact,
  splits: readonly string[],
): Promise<Map<string, ArcPair[]>> {
  const names = await dataset.identifiers();
  const originals = new Map<string, ArcPair[]>();
  for (const split of splits) {
    const versioned = versionedSplit(await dataset.open(split), dataset.augmentation);
    for (const [task, pairs] of originalsIn(versioned, names)) {
      originals.set(task, [...(originals.get(task) ?? []), ...pairs]);
    }
  }
  return originals;
}

function originalsIn(versioned: VersionedSplit, names: readonly string[]): Map<string, ArcPair[]> {
  const { puzzleIndices, groupIndices } = versioned.split;
  const originals = new Map<string, ArcPair[]>();
  for (let group = 0; group < groupIndices.length - 1; group++) {
    for (let puzzle = groupIndices[group]!; puzzle < groupIndices[group + 1]!; puzzle++) {
      const parsed = parseArcVersionName(names[versioned.identifier(puzzle, 0)]!);
      if (parsed === undefined || parsed.transform !== undefined) continue;
      const pairs = originals.get(parsed.task) ?? [];
      for (let example = puzzleIndices[puzzle]!; example < puzzleIndices[puzzle + 1]!; example++) {
        pairs.push(pairOf(versioned.example({ example, puzzle, group, version: 0 })));
      }
      originals.set(parsed.task, pairs);
    }
  }
  return originals;
}

function pairJson({ input, output }: ArcPair): PairJson {
  return { input: rowsOfGrid(input), output: rowsOfGrid(output) };
}
