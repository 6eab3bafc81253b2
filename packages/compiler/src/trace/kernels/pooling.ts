/** Pooling over images and volumes, and its gradients. */
import {
  backend_util,
  type AvgPool3DGradAttrs,
  type AvgPool3DAttrs,
  type AvgPoolAttrs,
  type AvgPoolGradAttrs,
  type MaxPool3DAttrs,
  type MaxPool3DGradAttrs,
  type MaxPoolAttrs,
  type MaxPoolGradAttrs,
  type MaxPoolWithArgmaxAttrs,
} from '@tensorflow/tfjs-core';

import type { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';

import { literal } from '../capture/constants.ts';
import { asFloat, type KernelTable } from './kernel.ts';
import { dilated, withMargins } from './margins.ts';
import { firstLargest, tapsOf } from './taps.ts';

type Shape4 = [number, number, number, number];
type Shape5 = [number, number, number, number, number];

/** Windows on every axis: of size 1 on batch and channels. Negative margins leave elements out. */
interface Pooling {
  readonly window: readonly number[];
  readonly strides: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** Number of windows. */
  readonly shape: readonly number[];
}

function pooling(
  x: Value,
  shape: readonly number[],
  window: readonly number[],
  strides: readonly number[],
  before: readonly number[],
): Pooling {
  const all = (list: readonly number[], outer: number) => [outer, ...list, outer];
  const [sizes, steps, low] = [all(window, 1), all(strides, 1), all(before, 0)];
  const high = x.shape.map((dim, axis) => {
    const margin = (shape[axis]! - 1) * steps[axis]! + sizes[axis]! - dim - low[axis]!;
    // What is left over is left out only where another window would fit into it: TF.js counts the
    // windows of both axes by the height and its stride where margins are given as a number.
    return margin > -steps[axis]! ? Math.max(0, margin) : margin;
  });
  return { window: sizes, strides: steps, low, high, shape };
}

type Attrs2D = Pick<MaxPoolAttrs, 'filterSize' | 'strides' | 'pad' | 'dimRoundingMode'>;

function pooling2D(x: Value, { filterSize, strides, pad, dimRoundingMode }: Attrs2D): Pooling {
  const info = backend_util.computePool2DInfo(
    x.shape as Shape4,
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  return pooling(
    x,
    info.outShape,
    [info.filterHeight, info.filterWidth],
    [info.strideHeight, info.strideWidth],
    [info.padInfo.top, info.padInfo.left],
  );
}

type Attrs3D = Pick<MaxPool3DAttrs, 'filterSize' | 'strides' | 'pad' | 'dimRoundingMode'>;

function pooling3D(x: Value, { filterSize, strides, pad, dimRoundingMode }: Attrs3D): Pooling {
  const info = backend_util.computePool3DInfo(
    x.shape as Shape5,
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  return pooling(
    x,
    info.outShape,
    [info.filterDepth, info.filterHeight, info.filterWidth],
    [info.strideDepth, info.strideHeight, info.strideWidth],
    [info.padInfo.front, info.padInfo.top, info.padInfo.left],
  );
}

/** The elements that windows can have, and the margins around them. */
function inside(b: GraphBuilder, x: Value, { low, high }: Pooling) {
  const counts = (of: (...values: number[]) => number) => ({
    low: low.map((count) => of(0, count)),
    high: high.map((count) => of(0, count)),
  });
  const cut = counts(Math.min);
  return { part: withMargins(b, x, cut.low, cut.high), margins: counts(Math.max), cut };
}

function joined(b: GraphBuilder, x: Value, kind: 'sum' | 'max', windows: Pooling): Value {
  const { window, strides } = windows;
  const { part, margins } = inside(b, x, windows);
  return b.emit('reduceWindow', [part], { kind, window, strides, ...margins });
}

/** Each window's value over the number of elements that it has: margins do not count. */
function overCounts(b: GraphBuilder, y: Value, x: Value, windows: Pooling): Value {
  const { window, strides, low, shape } = windows;
  const counts = shape.map((windowsOnAxis, axis) =>
    Array.from({ length: windowsOnAxis }, (_, i) => {
      const first = i * strides[axis]! - low[axis]!;
      const end = Math.min(x.shape[axis]!, first + window[axis]!);
      return Math.max(1, end - Math.max(0, first));
    }),
  );
  const factors = counts.map((vector, axis) => {
    const value = literal(b, vector, [vector.length], 'float32');
    return b.emit('broadcastInDim', [value], { shape, axes: [axis] });
  });
  const varying = factors.filter((_, axis) => window[axis]! > 1);
  const count = varying.reduce<Value | undefined>(
    (product, factor) => (product === undefined ? factor : b.binary('multiply', product, factor)),
    undefined,
  );
  return count === undefined ? y : b.binary('divide', y, count);
}

function average(b: GraphBuilder, given: Value, windows: Pooling): Value {
  const x = asFloat(b, given);
  return overCounts(b, joined(b, x, 'sum', windows), x, windows);
}

/** Each element gets its part of all windows that have it: a sum over windows of the gradient. */
function averageGradient(b: GraphBuilder, dy: Value, x: Value, windows: Pooling): Value {
  const { window, strides, low } = windows;
  const wide = dilated(b, overCounts(b, dy, x, windows), strides);
  const before = window.map((size, axis) => size - 1 - low[axis]!);
  const after = x.shape.map(
    (dim, axis) => dim + window[axis]! - 1 - wide.shape[axis]! - before[axis]!,
  );
  const none = window.map(() => 0);
  return b.emit('reduceWindow', [withMargins(b, wide, before, after)], {
    kind: 'sum',
    window,
    strides: window.map(() => 1),
    low: none,
    high: none,
  });
}

function maximumGradient(b: GraphBuilder, dy: Value, x: Value, windows: Pooling): Value {
  const { window, strides } = windows;
  const { part, margins, cut } = inside(b, x, windows);
  const dx = b.emit('selectAndScatter', [part, dy], { window, strides, ...margins });
  const back = (counts: readonly number[]) => counts.map((count) => Math.max(0, -count));
  return withMargins(b, dx, back(cut.low), back(cut.high));
}

/** Also where each maximum is: (row · width + column) · channels + channel, counted over images or in each. */
function maxPoolWithArgmax(
  b: GraphBuilder,
  x: Value,
  { includeBatchInIndex, ...attrs }: MaxPoolWithArgmaxAttrs,
): Value[] {
  const windows = pooling2D(x, attrs);
  const [, height, width, channels] = x.shape as Shape4;
  const { window, strides, low, high, shape } = windows;
  const padded = withMargins(b, x, low, high, -Infinity);
  const taps = tapsOf(b, padded, shape, {
    window: window.slice(1, -1),
    strides: strides.slice(1, -1),
    dilations: [1, 1],
  });
  const { place } = firstLargest(b, taps);
  const counts = (axis: number) => b.emit('iota', [], { shape, dtype: 'int32', axis });
  const times = (value: Value, factor: number) =>
    b.binary('multiply', value, b.fillLike(value, factor));
  const plus = (value: Value, amount: number) => b.binary('add', value, b.fillLike(value, amount));
  const columns = b.fillLike(place, window[2]!);
  const row = b.binary('add', times(counts(1), strides[1]!), b.binary('divide', place, columns));
  const column = b.binary(
    'add',
    times(counts(2), strides[2]!),
    b.binary('remainder', place, columns),
  );
  const line = includeBatchInIndex
    ? b.binary('add', times(counts(0), height), plus(row, -low[1]!))
    : plus(row, -low[1]!);
  const pixel = b.binary('add', times(line, width), plus(column, -low[2]!));
  const index = b.binary('add', times(pixel, channels), counts(3));
  return [joined(b, x, 'max', windows), index];
}

export const poolingKernels: KernelTable = {
  AvgPool: (b, { x }, attrs: AvgPoolAttrs) => average(b, x!, pooling2D(x!, attrs)),
  AvgPool3D: (b, { x }, attrs: AvgPool3DAttrs) => average(b, x!, pooling3D(x!, attrs)),
  AvgPool3DGrad: (b, { dy, input }, attrs: AvgPool3DGradAttrs) =>
    averageGradient(b, dy!, input!, pooling3D(input!, attrs)),
  AvgPoolGrad: (b, { dy, input }, attrs: AvgPoolGradAttrs) =>
    averageGradient(b, dy!, input!, pooling2D(input!, attrs)),
  MaxPool: (b, { x }, attrs: MaxPoolAttrs) => joined(b, x!, 'max', pooling2D(x!, attrs)),
  MaxPool3D: (b, { x }, attrs: MaxPool3DAttrs) => joined(b, x!, 'max', pooling3D(x!, attrs)),
  MaxPool3DGrad: (b, { dy, input }, attrs: MaxPool3DGradAttrs) =>
    maximumGradient(b, dy!, input!, pooling3D(input!, attrs)),
  MaxPoolGrad: (b, { dy, input }, attrs: MaxPoolGradAttrs) =>
    maximumGradient(b, dy!, input!, pooling2D(input!, attrs)),
  MaxPoolWithArgmax: (b, { x }, attrs: MaxPoolWithArgmaxAttrs) => maxPoolWithArgmax(b, x!, attrs),
};
