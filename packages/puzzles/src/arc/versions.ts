/** Versions of an ARC task that differ from it and from one another. */
import type { Draws } from '../sudoku/draws.ts';
import { arcFingerprints } from './fingerprint.ts';
import type { ArcPair } from './task-hash.ts';
import { decodeArcTransform, drawArcTransform, type ArcTransform } from './transform.ts';

const IDENTITY = decodeArcTransform(0);

/** Draws for each version that is asked for, before a task counts as having no more. */
const TRIES_PER_VERSION = 5;

/**
 * Up to `count` transforms under which the task has different pairs.
 *
 * @reference SamsungSAILMontreal/TinyRecursiveModels@e7b6871 dataset/build_arc_dataset.py
 * `convert_single_arc_puzzle`
 */
export function* distinctArcTransforms(
  pairs: readonly ArcPair[],
  count: number,
  draws: Draws,
): Generator<ArcTransform> {
  const fingerprint = arcFingerprints(pairs);
  const seen = new Set([fingerprint(IDENTITY)]);
  for (let i = 0; i < TRIES_PER_VERSION * count && seen.size <= count; i++) {
    const transform = drawArcTransform(draws);
    const drawn = fingerprint(transform);
    if (seen.has(drawn)) continue;
    seen.add(drawn);
    yield transform;
  }
}
