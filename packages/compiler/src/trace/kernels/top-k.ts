/** The largest elements. */
import type { TopKAttrs } from '@tensorflow/tfjs-core';

import type { Kernel } from './kernel.ts';
import { asNumber } from './kernel.ts';

/** The k largest of the last axis, largest first, and where they are; of equal ones the first. */
export const topK: Kernel = (b, { x }, { k }: TopKAttrs) => {
  const axis = x!.shape.length - 1;
  const sorted = b.append('sortDescending', [asNumber(b, x!)], { axis });
  return sorted.map((value) => b.sliceAxis(value, axis, 0, k));
};
