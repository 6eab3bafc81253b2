/** Kernels that count and search. */
import type { BincountAttrs, DenseBincountAttrs, SearchSortedAttrs } from '@tensorflow/tfjs-core';
import { sizeOf } from '@eddy/tensor';

import { hostDType, type GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';

import type { Kernel, KernelTable } from './kernel.ts';

/** How often each of 0 … size − 1 is in each row of x, or the sums of its weights; others count nowhere. */
function countRows(b: GraphBuilder, x: Value, weights: Value, size: number): Value {
  const [rows] = x.shape as [number];
  const dtype = hostDType(weights.dtype);
  const ids = b.convert(x, 'int32');
  const isCounted = b.binary(
    'and',
    b.compare('ge', ids, b.fillLike(ids, 0)),
    b.compare('lt', ids, b.fillLike(ids, size)),
  );
  const row = b.emit('iota', [], { shape: x.shape, dtype: 'int32', axis: 0 });
  const place = b.binary('add', b.binary('multiply', row, b.fillLike(row, size)), ids);
  const known = b.select(isCounted, place, b.fillLike(ids, -1));
  const count = sizeOf(x.shape);
  const amounts =
    sizeOf(weights.shape) === 0 ? b.fill(1, [count], dtype) : b.reshape(weights, [count]);
  const counted = b.emit(
    'scatterRows',
    [b.fill(0, [rows * size], dtype), b.reshape(known, [count]), amounts],
    { combine: 'add' },
  );
  return b.reshape(counted, [rows, size]);
}

const bincount: Kernel = (b, { x, weights }, { size }: BincountAttrs) => {
  const row = b.reshape(x!, [1, sizeOf(x!.shape)]);
  return b.reshape(countRows(b, row, weights!, size), [size]);
};

const denseBincount: Kernel = (b, { x, weights }, attrs: DenseBincountAttrs) => {
  const { size, binaryOutput } = attrs;
  if (x!.shape.length === 1) return bincount(b, { x: x!, weights: weights! }, attrs as never);
  if (!binaryOutput) return countRows(b, x!, weights!, size);
  const counts = countRows(b, x!, b.fill(0, [0], 'int32'), size);
  const isThere = b.compare('gt', counts, b.fillLike(counts, 0));
  return b.convert(isThere, weights!.dtype);
};

/** The number of elements of a row that are less than each value (side left), or not greater (right). */
const searchSorted: Kernel = (b, { sortedSequence, values }, { side }: SearchSortedAttrs) => {
  const [rows, length] = sortedSequence!.shape as [number, number];
  const shape = [rows, values!.shape[1]!, length];
  const spread = (x: Value, axes: readonly number[]) =>
    b.emit('broadcastInDim', [x], { shape, axes });
  const isBefore = b.compare(
    side === 'left' ? 'lt' : 'le',
    spread(sortedSequence!, [0, 2]),
    spread(values!, [0, 1]),
  );
  return b.reduce('sum', b.convert(isBefore, 'int32'), [2]);
};

export const countingKernels: KernelTable = {
  Bincount: bincount,
  DenseBincount: denseBincount,
  SearchSorted: searchSorted,
};
