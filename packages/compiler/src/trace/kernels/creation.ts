/** Kernels that make tensors from numbers. */
import type { FillAttrs, LinSpaceAttrs, RangeAttrs } from '@tensorflow/tfjs-core';

import { hostDType, type GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';
import { checkedDType } from '../capture/capture-backend.ts';

import type { KernelTable } from './kernel.ts';

/** start, start + step, … */
function progression(
  b: GraphBuilder,
  start: number,
  step: number,
  count: number,
  dtype: 'float32' | 'int32',
): Value {
  const counter = b.emit('iota', [], { shape: [count], dtype, axis: 0 });
  const scaled = b.binary('multiply', counter, b.fillLike(counter, step));
  return b.binary('add', scaled, b.fillLike(counter, start));
}

function rangeLength({ start, stop, step }: RangeAttrs): number {
  const goesAway = start === stop || (start < stop && step < 0) || (stop < start && step > 1);
  return goesAway ? 0 : Math.abs(Math.ceil((stop - start) / step));
}

export const creationKernels: KernelTable = {
  Fill: (b, _inputs, { shape, value, dtype }: FillAttrs) =>
    b.fill(value as number, shape, checkedDType(dtype ?? 'float32')),

  LinSpace: (b, _inputs, { start, stop, num }: LinSpaceAttrs) =>
    progression(b, start, num === 1 ? 0 : (stop - start) / (num - 1), num, 'float32'),

  OnesLike: (b, { x }) => b.fill(1, x!.shape, hostDType(x!.dtype)),

  Range: (b, _inputs, attrs: RangeAttrs) => {
    // The default step of 1 counts down where stop is below start.
    const step = attrs.stop < attrs.start && attrs.step === 1 ? -1 : attrs.step;
    const dtype = attrs.dtype === 'int32' ? 'int32' : 'float32';
    return progression(b, attrs.start, step, rangeLength(attrs), dtype);
  },

  ZerosLike: (b, { x }) => b.fill(0, x!.shape, hostDType(x!.dtype)),
};
