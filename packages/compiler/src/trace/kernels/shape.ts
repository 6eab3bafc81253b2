/** Kernels that move, cut and join elements. */
import {
  backend_util,
  slice_util,
  util,
  type BroadCastToAttrs,
  type CastAttrs,
  type ConcatAttrs,
  type ExpandDimsAttrs,
  type MirrorPadAttrs,
  type PackAttrs,
  type PadV2Attrs,
  type ReshapeAttrs,
  type ReverseAttrs,
  type SliceAttrs,
  type SplitVAttrs,
  type StridedSliceAttrs,
  type TileAttrs,
  type TransposeAttrs,
  type UnpackAttrs,
} from '@tensorflow/tfjs-core';
import { sizeOf } from '@eddy/tensor';

import { hostDType, type GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';
import { checkedDType } from '../capture/capture-backend.ts';

import { listed, type KernelTable } from './kernel.ts';

export const axisOf = (axis: number, ndim: number) => (axis < 0 ? axis + ndim : axis);

function concat(b: GraphBuilder, parts: readonly Value[], axis: number): Value {
  return parts.length === 1 ? parts[0]! : b.emit('concatenate', parts, { axis });
}

/** Sizes of the pieces that a split makes; −1 takes what is left. */
function split(b: GraphBuilder, x: Value, { numOrSizeSplits, axis }: SplitVAttrs): Value[] {
  const at = axisOf(axis, x.shape.length);
  const sizes = backend_util.prepareSplitSize({ shape: x.shape } as never, numOrSizeSplits, at);
  let start = 0;
  return sizes.map((size) => {
    const part = b.sliceAxis(x, at, start, size);
    start += size;
    return part;
  });
}

function unpack(b: GraphBuilder, x: Value, axis: number): Value[] {
  const at = axisOf(axis, x.shape.length);
  const shape = x.shape.filter((_, i) => i !== at);
  return Array.from({ length: x.shape[at]! }, (_, i) => b.reshape(b.sliceAxis(x, at, i, 1), shape));
}

/** [d0, d1] tiled by [r0, r1] is [1, d0, 1, d1] stretched to [r0, d0, r1, d1] and joined. */
function tile(b: GraphBuilder, x: Value, reps: readonly number[]): Value {
  const stretched = x.shape.flatMap((dim, axis) => [reps[axis]!, dim]);
  const spread = b.emit('broadcastInDim', [x], {
    shape: stretched,
    axes: x.shape.map((_, axis) => 2 * axis + 1),
  });
  return b.reshape(
    spread,
    x.shape.map((dim, axis) => dim * reps[axis]!),
  );
}

function mirrorPad(b: GraphBuilder, x: Value, { paddings, mode }: MirrorPadAttrs): Value {
  // 'reflect' does not repeat the edge, 'symmetric' does.
  const skip = mode === 'reflect' ? 1 : 0;
  return paddings.reduce((value, [before, after], axis) => {
    const mirror = (start: number, size: number) =>
      b.emit('reverse', [b.sliceAxis(value, axis, start, size)], { axes: [axis] });
    const parts = [value];
    if (before > 0) parts.unshift(mirror(skip, before));
    if (after > 0) parts.push(mirror(value.shape[axis]! - skip - after, after));
    return concat(b, parts, axis);
  }, x);
}

function stridedSlice(b: GraphBuilder, x: Value, attrs: StridedSliceAttrs): Value {
  const { finalShape, begin, end, strides } = slice_util.sliceInfo(
    [...x.shape],
    attrs.begin,
    attrs.end,
    attrs.strides,
    attrs.beginMask,
    attrs.endMask,
    attrs.ellipsisMask,
    attrs.newAxisMask,
    attrs.shrinkAxisMask,
  );
  const sizes = slice_util.computeOutShape(begin, end, strides);
  if (sizeOf(finalShape) === 0) return b.fill(0, finalShape, hostDType(x.dtype));
  const backward = strides.flatMap((stride, axis) => (stride < 0 ? [axis] : []));
  const operand = backward.length > 0 ? b.emit('reverse', [x], { axes: backward }) : x;
  const start = begin.map((at, axis) => (strides[axis]! < 0 ? x.shape[axis]! - 1 - at : at));
  const steps = strides.map(Math.abs);
  const sliced = b.emit('slice', [operand], {
    start,
    limit: start.map((at, axis) => at + (sizes[axis]! - 1) * steps[axis]! + 1),
    strides: steps,
  });
  return b.reshape(sliced, finalShape);
}

export const shapeKernels: KernelTable = {
  BroadcastTo: (b, { x }, { shape }: BroadCastToAttrs) => b.broadcast(x!, shape),

  Cast: (b, { x }, { dtype }: CastAttrs) => b.convert(x!, checkedDType(dtype)),

  Concat: (b, inputs, { axis }: ConcatAttrs) => {
    const parts = listed(inputs);
    const at = axisOf(axis, parts[0]!.shape.length);
    const filled = parts.filter(({ shape }) => sizeOf(shape) > 0);
    return concat(b, filled.length === 0 ? parts : filled, at);
  },

  ExpandDims: (b, { input }, { dim }: ExpandDimsAttrs) => {
    const shape = [...input!.shape];
    shape.splice(dim < 0 ? dim + shape.length + 1 : dim, 0, 1);
    return b.reshape(input!, shape);
  },

  Identity: (_b, { x }) => x!,

  MirrorPad: (b, { x }, attrs: MirrorPadAttrs) => mirrorPad(b, x!, attrs),

  Pack: (b, inputs, { axis }: PackAttrs) => {
    const parts = listed(inputs);
    const at = axisOf(axis, parts[0]!.shape.length + 1);
    const shape = [...parts[0]!.shape];
    shape.splice(at, 0, 1);
    return concat(
      b,
      parts.map((part) => b.reshape(part, shape)),
      at,
    );
  },

  PadV2: (b, { x }, { paddings, constantValue }: PadV2Attrs) =>
    b.emit('pad', [x!, b.scalar(constantValue, hostDType(x!.dtype))], {
      low: paddings.map(([before]) => before),
      high: paddings.map(([, after]) => after),
    }),

  Reshape: (b, { x }, { shape }: ReshapeAttrs) =>
    b.reshape(x!, util.inferFromImplicitShape(shape, sizeOf(x!.shape))),

  Reverse: (b, { x }, { dims }: ReverseAttrs) => {
    const axes = util.parseAxisParam(dims, [...x!.shape]);
    return axes.length === 0 ? x! : b.emit('reverse', [x!], { axes });
  },

  Slice: (b, { x }, { begin, size }: SliceAttrs) => {
    const [start, sizes] = slice_util.parseSliceParams({ shape: x!.shape } as never, begin, size);
    return b.emit('slice', [x!], {
      start: start!,
      limit: start!.map((at, axis) => at + sizes![axis]!),
      strides: start!.map(() => 1),
    });
  },

  SplitV: (b, { x }, attrs: SplitVAttrs) => split(b, x!, attrs),

  StridedSlice: (b, { x }, attrs: StridedSliceAttrs) => stridedSlice(b, x!, attrs),

  Tile: (b, { x }, { reps }: TileAttrs) => tile(b, x!, reps),

  Transpose: (b, { x }, { perm }: TransposeAttrs) => b.transpose(x!, perm),

  Unpack: (b, { value }, { axis }: UnpackAttrs) => unpack(b, value!, axis),
};
