/** Deciding by a puzzle's symmetry class whether it is for testing. */
import { randomStream } from '@eddy/core';

/**
 * Whether a puzzle is held out of training. Puzzles that a symmetry maps to one another are on the
 * same side, so no augmented copy of a training puzzle is ever a held-out one.
 *
 * @param symmetryClass  the same for all puzzles that symmetries map to one another.
 * @param part  of the symmetry classes that is held out, 0 to 1.
 */
export function isHeldOut(symmetryClass: string, part: number, seed: number): boolean {
  return randomStream(seed).stream('held-out', symmetryClass).uniform() < part;
}
