/** A split's groups with all versions of an augmentation as further puzzles. */
import type { Example, PuzzleGroup, Split } from './dataset.ts';
import { exampleAt } from './example-at.ts';
import type { AttachedAugmentation } from './sampler.ts';

/**
 * Groups of `split`, each with its puzzles in version 0 (the original), 1, 2 … The sampler draws the
 * versions in the same order, so that a materialised dataset and one augmented on the fly give the
 * same batches.
 */
export async function* materialisedGroups(
  opened: Promise<Split>,
  { augmentation, random }: AttachedAugmentation,
  signal: AbortSignal,
): AsyncGenerator<PuzzleGroup> {
  const split = await opened;
  const numVersions = augmentation.splits.includes(split.name) ? augmentation.numVersions : 0;
  for (let group = 0; group < split.groupIndices.length - 1; group++) {
    signal.throwIfAborted();
    const puzzles = [];
    for (let version = 0; version <= numVersions; version++) {
      const first = split.groupIndices[group]!;
      for (let puzzle = first; puzzle < split.groupIndices[group + 1]!; puzzle++) {
        const examples: Example[] = [];
        for (let i = split.puzzleIndices[puzzle]!; i < split.puzzleIndices[puzzle + 1]!; i++) {
          const original = exampleAt(split, i);
          examples.push(
            version === 0
              ? original
              : augmentation.apply(original, random.stream(split.name, group, version), version),
          );
        }
        puzzles.push({ identifier: split.puzzleIdentifiers[puzzle]!, examples });
      }
    }
    yield { puzzles };
  }
}
