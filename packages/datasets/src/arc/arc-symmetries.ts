/** Which ARC examples are one pair in disguise: turned, mirrored, recoloured or moved. */
import type { ExampleSymmetries } from '@eddy/core';
import { canonicalPairKey } from '@eddy/puzzles';

import { pairOf } from './pairs.ts';

export const arcSymmetries: ExampleSymmetries = {
  task: 'arc',
  canonicalKey: (example) => canonicalPairKey(pairOf(example)),
};
