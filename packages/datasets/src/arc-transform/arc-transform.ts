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
  /** Which example of a version stays in the corner; the same stream comes for each of them. */
  let still = { random: undefined as RenderedVersion['random'] | undefined, index: 0 };
  const stillOf = ({ random, numExamples }: RenderedVersion): number => {
    if (random !== still.random) {
      still = { random, index: random.stream('still').integer(numExamples) };
    }
    return still.index;
  };
  const offsetOf = (room: { rows: number; cols: number }, version: RenderedVersion) => {
    if (version.index === stillOf(version)) return { row: 0, col: 0 };
    const draws = version.random.stream('offset', version.index);
    return { row: draws.integer(room.rows + 1), col: draws.integer(room.cols + 1) };
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
    // One example of a version stays in the corner, the others are moved, input and output alike.
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
