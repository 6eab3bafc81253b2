/** Versions of ARC tasks. A version's code is its transform as an integer; see `encodeArcTransform`. */
import type { Example, RenderedVersion, TaskAugmentation } from '@eddy/core';
import {
  arcVersionName,
  decodeArcTransform,
  distinctArcTransforms,
  encodeArcTransform,
  roomOf,
  type ArcPair,
  type ArcTransform,
} from '@eddy/puzzles';

import { canvasOf, exampleOf, pairOf } from '../arc/pairs.ts';

export interface ArcTransformOptions {
  readonly numVersions: number;
  /** Versions that a split other than `train` shows; as many by default. */
  readonly numTestVersions?: number | undefined;
  readonly translate: boolean;
  readonly mode: 'materialised' | 'on-the-fly';
}

/** The only split whose grids are moved: answers are read from the upper left corner. */
const TRANSLATED_SPLIT = 'train';

/**
 * @reference SamsungSAILMontreal/TinyRecursiveModels@e7b6871 dataset/build_arc_dataset.py
 * `convert_single_arc_puzzle`, `convert_dataset`
 */
export function arcTransform(options: ArcTransformOptions): TaskAugmentation {
  const { numVersions, numTestVersions = numVersions, translate, mode } = options;
  // Examples of a task come one after another, and again for each version.
  const pairs = new WeakMap<Example, ArcPair>();
  const pairKnown = (example: Example): ArcPair => {
    const pair = pairs.get(example) ?? pairOf(example);
    pairs.set(example, pair);
    return pair;
  };
  let latest = { code: 0, transform: decodeArcTransform(0) };
  const transformOf = (code: number): ArcTransform => {
    if (code !== latest.code) latest = { code, transform: decodeArcTransform(code) };
    return latest.transform;
  };
  return {
    mode,
    numVersions: (split) => (split === TRANSLATED_SPLIT ? numVersions : numTestVersions),
    *codesOf(examples, random) {
      for (const transform of distinctArcTransforms(examples.map(pairOf), numVersions, random)) {
        yield encodeArcTransform(transform);
      }
    },
    nameOf: (task, code) => arcVersionName(task, decodeArcTransform(code)),
    render(original, version, into) {
      const canvas = canvasOf(original);
      const pair = pairKnown(original);
      const transform = transformOf(version.code);
      const at =
        translate && version.split === TRANSLATED_SPLIT
          ? offsetOf(roomOf(pair, canvas, transform), version)
          : undefined;
      return { ...original, ...exampleOf(pair, canvas, at, transform, into) };
    },
  };
}

/** One example of a version stays in the corner, the others are moved, input and output alike. */
function offsetOf(
  room: { readonly rows: number; readonly cols: number },
  { random, index, numExamples }: RenderedVersion,
): { row: number; col: number } {
  const still = random.stream('still').integer(numExamples);
  if (index === still) return { row: 0, col: 0 };
  const draws = random.stream('offset', index);
  return { row: draws.integer(room.rows + 1), col: draws.integer(room.cols + 1) };
}
