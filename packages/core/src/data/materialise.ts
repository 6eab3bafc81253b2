/** A split in memory → its groups, with all versions of an augmentation as further puzzles. */
import type { ExampleBuffer, Puzzle, Split, StreamedGroup } from '../contracts/dataset.ts';
import { exampleBuffer } from './example-at.ts';
import { versionedSplit, type AttachedAugmentation } from './versioned-split.ts';
import type { VersionedSplit } from '../contracts/versioned-split.ts';

/**
 * Groups of `split`, each with its puzzles in version 0 (the original), 1, 2 … The sampler draws the
 * versions in the same order, so that a materialised dataset and one augmented on the fly give the
 * same batches. One puzzle's tokens are written over by the next one's.
 */
export async function* materialisedGroups(
  open: () => Promise<Split>,
  attached: AttachedAugmentation | undefined,
  signal: AbortSignal,
): AsyncGenerator<StreamedGroup> {
  const versioned = versionedSplit(await open(), attached);
  const buffers: ExampleBuffer[] = [];
  for (let group = 0; group < versioned.split.groupIndices.length - 1; group++) {
    signal.throwIfAborted();
    yield { puzzles: puzzlesOf(versioned, group, buffers) };
  }
}

function* puzzlesOf(
  versioned: VersionedSplit,
  group: number,
  buffers: ExampleBuffer[],
): Generator<Puzzle> {
  const { seqLen, groupIndices, puzzleIndices } = versioned.split;
  for (let version = 0; version < versioned.numVersions(group); version++) {
    for (let puzzle = groupIndices[group]!; puzzle < groupIndices[group + 1]!; puzzle++) {
      const first = puzzleIndices[puzzle]!;
      const examples = [];
      for (let example = first; example < puzzleIndices[puzzle + 1]!; example++) {
        const into = (buffers[example - first] ??= exampleBuffer(seqLen));
        examples.push(versioned.example({ example, puzzle, group, version }, into));
      }
      yield { identifier: versioned.identifier(puzzle, version), examples };
    }
  }
}
