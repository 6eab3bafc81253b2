/** Kernels of sparse tensors, as far as their results have a shape that is known. */
import { backend_util, type SparseToDenseAttrs } from '@tensorflow/tfjs-core';
import { sizeOf } from '@eddy/tensor';

import { hostDType, type GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';

import { literal, literalElements } from '../capture/constants.ts';
import { scatter } from './indexing.ts';
import type { Kernel, KernelTable } from './kernel.ts';

const sparseToDense: Kernel = (
  b,
  { sparseIndices, sparseValues, defaultValue },
  { outputShape }: SparseToDenseAttrs,
) => {
  // A scalar or vector of indices is a column of them.
  const count = sizeOf(sparseIndices!.shape.slice(0, 1));
  const indices =
    sparseIndices!.shape.length < 2 ? b.reshape(sparseIndices!, [count, 1]) : sparseIndices!;
  const values = b.broadcast(sparseValues!, [count, ...sparseValues!.shape.slice(1)]);
  const target = b.broadcast(b.convert(defaultValue!, sparseValues!.dtype), outputShape);
  return scatter(b, target, indices, values, 'replace');
};

function known(b: GraphBuilder, value: Value, what: string): readonly number[] {
  const elements = literalElements(b, value);
  if (elements !== undefined) return elements;
  throw new Error(`${what} must be a literal (tf.tensor1d([…])): it decides a shape`);
}

/** Row-major: the number of an element in a tensor of `from`, as coordinates in one of `to`. */
const sparseReshape: Kernel = (b, { inputIndices, inputShape, newShape }) => {
  const from = known(b, inputShape!, 'inputShape');
  const wanted = known(b, newShape!, 'newShape');
  const size = sizeOf(from);
  const rest = wanted.reduce((product, dim) => (dim === -1 ? product : product * dim), 1);
  const to = wanted.map((dim) => (dim === -1 ? size / rest : dim));
  if (sizeOf(to) !== size) {
    const [given, asked] = [[...from], [...to]];
    throw new Error(backend_util.getSparseReshapeInputOutputMismatchErrorMessage(given, asked));
  }
  const count = inputIndices!.shape[0]!;
  const column = (i: number) => b.reshape(b.sliceAxis(inputIndices!, 1, i, 1), [count]);
  const scaled = (x: Value, factor: number) => b.binary('multiply', x, b.fillLike(x, factor));
  let element = b.fill(0, [count], hostDType(inputIndices!.dtype));
  from.forEach((dim, i) => (element = b.binary('add', scaled(element, dim), column(i))));
  const columns: Value[] = [];
  for (const dim of to.toReversed()) {
    const dims = b.fillLike(element, dim);
    columns.unshift(b.reshape(b.binary('remainder', element, dims), [count, 1]));
    element = b.binary('divide', element, dims);
  }
  const indices = columns.length === 1 ? columns[0]! : b.emit('concatenate', columns, { axis: 1 });
  return [indices, literal(b, to, [to.length], hostDType(newShape!.dtype))];
};

/** The shape that two shapes broadcast to, as tensors: 1 gives way. */
const broadcastArgs: Kernel = (b, { s0, s1 }) => {
  const length = Math.max(s0!.shape[0]!, s1!.shape[0]!);
  const aligned = (shape: Value) =>
    b.emit('pad', [b.convert(shape, 'int32'), b.scalar(1, 'int32')], {
      low: [length - shape.shape[0]!],
      high: [0],
    });
  const [left, right] = [aligned(s0!), aligned(s1!)];
  return b.select(b.compare('eq', left, b.fillLike(left, 1)), right, left);
};

export const sparseKernels: KernelTable = {
  BroadcastArgs: broadcastArgs,
  SparseReshape: sparseReshape,
  SparseToDense: sparseToDense,
};
