/** Deciding by a puzzle's symmetry class whether it is for testing. */
import { randomStream } from '@eddy/core';
import { symmetryFingerprint, type SudokuGrid, type SudokuRules } from '@eddy/puzzles';

/**
 * Whether a puzzle is held out of training. Puzzles that a symmetry maps to one another are on the
 * same side, so no augmented copy of a training puzzle is ever a held-out one.
 *
 * @param part  of the symmetry classes that is held out, 0 to 1.
 */
export function isHeldOut(
  givens: SudokuGrid,
  rules: SudokuRules,
  part: number,
  seed: number,
): boolean {
  const fingerprint = symmetryFingerprint(givens, rules);
  return randomStream(seed).stream('held-out', fingerprint).uniform() < part;
}
