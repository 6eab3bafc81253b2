/** Kernels that normalise. */
import type { FusedBatchNormAttrs } from '@tensorflow/tfjs-core';

import type { Kernel, KernelTable } from './kernel.ts';
import { lrnKernels } from './lrn.ts';

/** offset + scale·(x − mean) / √(variance + ε). */
const batchNorm: Kernel = (
  b,
  { x, mean, variance, scale, offset },
  { varianceEpsilon }: FusedBatchNormAttrs,
) => {
  const epsilon = (varianceEpsilon as number | null | undefined) ?? 0.001;
  const deviation = b.emit('sqrt', [b.binary('add', variance!, b.fillLike(variance!, epsilon))]);
  const centred = b.binary('subtract', x!, mean!);
  const scaled = scale === undefined ? centred : b.binary('multiply', centred, scale);
  const normed = b.binary('divide', scaled, deviation);
  return offset === undefined ? normed : b.binary('add', normed, offset);
};

export const normalisationKernels: KernelTable = { FusedBatchNorm: batchNorm, ...lrnKernels };
