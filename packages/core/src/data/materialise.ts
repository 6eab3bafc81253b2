/** A split in memory → its groups, with all versions of an augmentation as further puzzles. */
import type { Puzzle, PuzzleGroup, Split } from './dataset.ts';
import { versionedSplit, type AttachedAugmentation } from './versioned-split.ts';

/**
 * Groups of `split`, each with its puzzles in version 0 (the original), 1, 2 … The sampler draws the
 * versions in the same order, so that a materialised dataset and one augmented on the fly give the
 * same batches.
 */
export async function* materialisedGroups(
  opened: Promise<Split>,
  attached: AttachedAugmentation | undefined,
  signal: AbortSignal,
): AsyncGenerator<PuzzleGroup> {
  const split = await opened;
  const versioned = versionedSplit(split, attached);
  for (let group = 0; group < split.groupIndices.length - 1; group++) {
    signal.throwIfAborted();
    const puzzles: Puzzle[] = [];
    for (let version = 0; version < versioned.numVersions(group); version++) {
      const first = split.groupIndices[group]!;
      for (let puzzle = first; puzzle < split.groupIndices[group + 1]!; puzzle++) {
        const from = split.puzzleIndices[puzzle]!;
        const examples = Array.from({ length: split.puzzleIndices[puzzle + 1]! - from }, (_, i) =>
          versioned.example({ example: from + i, puzzle, group, version }),
        );
        puzzles.push({ identifier: versioned.identifier(puzzle, version), examples });
      }
    }
    yield { puzzles };
  }
}
