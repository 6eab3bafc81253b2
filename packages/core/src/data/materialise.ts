/** A split in memory → its groups, with all versions of an augmentation as further puzzles. */
import type { Puzzle, Split, StreamedGroup } from './dataset.ts';
import {
  versionedSplit,
  type AttachedAugmentation,
  type VersionedSplit,
} from './versioned-split.ts';

/**
 * Groups of `split`, each with its puzzles in version 0 (the original), 1, 2 … The sampler draws the
 * versions in the same order, so that a materialised dataset and one augmented on the fly give the
 * same batches.
 */
export async function* materialisedGroups(
  opened: Promise<Split>,
  attached: AttachedAugmentation | undefined,
  signal: AbortSignal,
): AsyncGenerator<StreamedGroup> {
  const versioned = versionedSplit(await opened, attached);
  for (let group = 0; group < versioned.split.groupIndices.length - 1; group++) {
    signal.throwIfAborted();
    yield { puzzles: puzzlesOf(versioned, group) };
  }
}

function* puzzlesOf(versioned: VersionedSplit, group: number): Generator<Puzzle> {
  const { groupIndices, puzzleIndices } = versioned.split;
  for (let version = 0; version < versioned.numVersions(group); version++) {
    for (let puzzle = groupIndices[group]!; puzzle < groupIndices[group + 1]!; puzzle++) {
      const examples = [];
      for (let example = puzzleIndices[puzzle]!; example < puzzleIndices[puzzle + 1]!; example++) {
        examples.push(versioned.example({ example, puzzle, group, version }));
      }
      yield { identifier: versioned.identifier(puzzle, version), examples };
    }
  }
}
