/** Gathers, scatters and one-hot. */
import type {
  GatherV2Attrs,
  OneHotAttrs,
  ScatterNdAttrs,
  UnsortedSegmentSumAttrs,
} from '@tensorflow/tfjs-core';
import { sizeOf } from '@eddy/tensor';

import { hostDType, type GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';
import { checkedDType } from '../capture/capture-backend.ts';

import { axisOf } from './shape.ts';
import type { KernelTable } from './kernel.ts';

/**
 * Takes along an axis. With the batch axes first and the axis next, rows of batch element i are rows
 * i·R … i·R + R − 1 of one table.
 */
function gather(b: GraphBuilder, x: Value, indices: Value, attrs: GatherV2Attrs): Value {
  const ndim = x.shape.length;
  const axis = axisOf(attrs.axis, ndim);
  const batchDims = axisOf(attrs.batchDims, indices.shape.length);
  const between = range(batchDims, axis);
  const after = range(axis + 1, ndim);
  const front = b.transpose(x, [...range(0, batchDims), axis, ...between, ...after]);

  const batch = sizeOf(x.shape.slice(0, batchDims));
  const rows = x.shape[axis]!;
  const picked = indices.shape.slice(batchDims);
  const ids = b.convert(b.reshape(indices, [batch, sizeOf(picked)]), 'int32');
  const table = b.reshape(front, [batch * rows, ...front.shape.slice(batchDims + 1)]);
  const taken = b.emit('gatherRows', [
    table,
    b.reshape(inTable(b, ids, rows), [sizeOf(indices.shape)]),
  ]);
  const result = b.reshape(taken, [
    ...x.shape.slice(0, batchDims),
    ...picked,
    ...front.shape.slice(batchDims + 1),
  ]);
  // [batch, picked, between, after] → [batch, between, picked, after].
  const pickedAxes = range(batchDims, batchDims + picked.length);
  const betweenAxes = range(batchDims + picked.length, batchDims + picked.length + between.length);
  const afterAxes = range(batchDims + picked.length + between.length, result.shape.length);
  return b.transpose(result, [...range(0, batchDims), ...betweenAxes, ...pickedAxes, ...afterAxes]);
}

function inTable(b: GraphBuilder, ids: Value, rows: number): Value {
  if (ids.shape[0] === 1) return ids;
  const batch = b.emit('iota', [], { shape: ids.shape, dtype: 'int32', axis: 0 });
  return b.binary('add', ids, b.binary('multiply', batch, b.fill(rows, ids.shape, 'int32')));
}

function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, i) => start + i);
}

/** Index tuples [..., K] into the leading K axes of `shape` → row numbers [N]. */
function rowNumbers(b: GraphBuilder, indices: Value, shape: readonly number[]): Value {
  const depth = indices.shape.at(-1)!;
  const tuples = b.reshape(indices, [sizeOf(indices.shape.slice(0, -1)), depth]);
  const count = tuples.shape[0]!;
  let rows = b.fill(0, [count], 'int32');
  for (let i = 0; i < depth; i++) {
    const index = b.reshape(b.sliceAxis(tuples, 1, i, 1), [count]);
    const scaled = b.binary('multiply', rows, b.fillLike(rows, shape[i]!));
    rows = b.binary('add', scaled, index);
  }
  return rows;
}

/** Takes along one axis at a vector of ids. */
export function alongAxis(b: GraphBuilder, x: Value, ids: Value, axis: number): Value {
  return gather(b, x, ids, { axis, batchDims: 0 });
}

/** Puts updates into `target` at index tuples. */
export function scatter(
  b: GraphBuilder,
  target: Value,
  indices: Value,
  updates: Value,
  combine: 'add' | 'replace',
): Value {
  const depth = indices.shape.at(-1)!;
  const rest = target.shape.slice(depth);
  const rows = b.reshape(target, [sizeOf(target.shape.slice(0, depth)), ...rest]);
  const ids = rowNumbers(b, indices, target.shape);
  const scattered = b.emit(
    'scatterRows',
    [rows, ids, b.reshape(updates, [ids.shape[0]!, ...rest])],
    {
      combine,
    },
  );
  return b.reshape(scattered, target.shape);
}

export const indexingKernels: KernelTable = {
  Diag: (b, { x }) => {
    const size = sizeOf(x!.shape);
    const counts = (axis: number) =>
      b.emit('iota', [], { shape: [size, size], dtype: 'int32', axis });
    const isDiagonal = b.compare('eq', counts(0), counts(1));
    const zeros = b.fill(0, [size, size], hostDType(x!.dtype));
    const matrix = b.select(isDiagonal, b.reshape(x!, [size]), zeros);
    return b.reshape(matrix, [...x!.shape, ...x!.shape]);
  },

  GatherNd: (b, { params, indices }) => {
    const depth = indices!.shape.at(-1)!;
    const rest = params!.shape.slice(depth);
    const rows = b.reshape(params!, [sizeOf(params!.shape.slice(0, depth)), ...rest]);
    const taken = b.emit('gatherRows', [rows, rowNumbers(b, indices!, params!.shape)]);
    return b.reshape(taken, [...indices!.shape.slice(0, -1), ...rest]);
  },

  GatherV2: (b, { x, indices }, attrs: GatherV2Attrs) => gather(b, x!, indices!, attrs),

  OneHot: (b, { indices }, { depth, onValue, offValue, dtype }: OneHotAttrs) => {
    const shape = [...indices!.shape, depth];
    const axes = indices!.shape.map((_, axis) => axis);
    const classes = b.emit('iota', [], { shape, dtype: 'int32', axis: shape.length - 1 });
    const spread = b.emit('broadcastInDim', [indices!], { shape, axes });
    const type = checkedDType(dtype);
    const isClass = b.compare('eq', spread, classes);
    return b.select(isClass, b.fill(onValue, shape, type), b.fill(offValue, shape, type));
  },

  ScatterNd: (b, { indices, updates }, { shape }: ScatterNdAttrs) =>
    scatter(b, b.fill(0, shape, hostDType(updates!.dtype)), indices!, updates!, 'add'),

  TensorScatterUpdate: (b, { tensor, indices, updates }) =>
    scatter(b, tensor!, indices!, updates!, 'replace'),

  UnsortedSegmentSum: (b, { x, segmentIds }, { numSegments }: UnsortedSegmentSumAttrs) => {
    const rest = x!.shape.slice(segmentIds!.shape.length);
    const count = sizeOf(segmentIds!.shape);
    const zeros = b.fill(0, [numSegments, ...rest], hostDType(x!.dtype));
    const ids = b.reshape(segmentIds!, [count]);
    return b.emit('scatterRows', [zeros, ids, b.reshape(x!, [count, ...rest])], { combine: 'add' });
  },
};
