/** Kernels that move blocks of space into the batch or the channels, and back. */
import {
  backend_util,
  type BatchToSpaceNDAttrs,
  type DepthToSpaceAttrs,
  type SpaceToBatchNDAttrs,
} from '@tensorflow/tfjs-core';
import { sizeOf } from '@eddy/tensor';

import { hostDType } from '../../graph/builder.ts';

import type { Kernel, KernelTable } from './kernel.ts';

const spaceToBatch: Kernel = (b, { x }, { blockShape, paddings }: SpaceToBatchNDAttrs) => {
  const block = sizeOf(blockShape);
  const counts = (side: 0 | 1) =>
    x!.shape.map((_, axis) => (axis === 0 ? 0 : (paddings[axis - 1]?.[side] ?? 0)));
  const padded = b.emit('pad', [x!, b.scalar(0, hostDType(x!.dtype))], {
    low: counts(0),
    high: counts(1),
  });
  const shape = [...padded.shape];
  const cut = backend_util.getReshaped(shape, blockShape, block, false);
  const order = backend_util.getPermuted(cut.length, blockShape.length, false);
  const joined = backend_util.getReshapedPermuted(shape, blockShape, block, false);
  return b.reshape(b.transpose(b.reshape(padded, cut), order), joined);
};

const batchToSpace: Kernel = (b, { x }, { blockShape, crops }: BatchToSpaceNDAttrs) => {
  const block = sizeOf(blockShape);
  const shape = [...x!.shape];
  const cut = backend_util.getReshaped(shape, blockShape, block);
  const order = backend_util.getPermuted(cut.length, blockShape.length);
  const joined = backend_util.getReshapedPermuted(shape, blockShape, block);
  const whole = b.reshape(b.transpose(b.reshape(x!, cut), order), joined);
  const start = backend_util.getSliceBeginCoords(crops, blockShape.length);
  const sizes = backend_util.getSliceSize(joined, crops, blockShape.length);
  const at = joined.map((_, axis) => start[axis] ?? 0);
  return b.emit('slice', [whole], {
    start: at,
    limit: at.map((first, axis) => first + (sizes[axis] ?? joined[axis]!)),
    strides: at.map(() => 1),
  });
};

const depthToSpace: Kernel = (b, { x }, { blockSize, dataFormat }: DepthToSpaceAttrs) => {
  const size = blockSize;
  if (dataFormat === 'NHWC') {
    const [batch, height, width, depth] = x!.shape as [number, number, number, number];
    const cut = b.reshape(x!, [batch, height, width, size, size, depth / (size * size)]);
    const shape = [batch, height * size, width * size, depth / (size * size)];
    return b.reshape(b.transpose(cut, [0, 1, 3, 2, 4, 5]), shape);
  }
  const [batch, depth, height, width] = x!.shape as [number, number, number, number];
  const cut = b.reshape(x!, [batch, size, size, depth / (size * size), height, width]);
  const shape = [batch, depth / (size * size), height * size, width * size];
  return b.reshape(b.transpose(cut, [0, 3, 4, 1, 5, 2]), shape);
};

export const blockKernels: KernelTable = {
  BatchToSpaceND: batchToSpace,
  DepthToSpace: depthToSpace,
  SpaceToBatchND: spaceToBatch,
};
