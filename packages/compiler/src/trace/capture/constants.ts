/** Literals in a graph that is traced. */
import { sizeOf, type DType } from '@eddy/tensor';

import { constantData, type GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';

/** A literal tensor; a spread scalar where all its elements are one. */
export function literal(
  b: GraphBuilder,
  values: ArrayLike<number>,
  shape: readonly number[],
  dtype: DType,
): Value {
  // A copy: the caller may reuse its array.
  const data = constantData(values, dtype);
  const first = data[0];
  const isSplat = first !== undefined && data.every((x) => Object.is(x, first));
  return isSplat ? b.fill(first, shape, dtype) : b.emit('constant', [], { shape, dtype, data });
}

/** The elements of a value that is a literal, e.g. of a shape that a kernel takes as a tensor. */
export function literalElements(b: GraphBuilder, value: Value): readonly number[] | undefined {
  const node = b.producer(value);
  switch (node?.op) {
    case 'constant':
      return [...node.attrs.data];
    case 'reshape':
      return literalElements(b, node.inputs[0]!);
    case 'convert':
      return node.attrs.dtype === 'int32' && node.inputs[0]!.dtype !== 'float32'
        ? literalElements(b, node.inputs[0]!)
        : undefined;
    case 'broadcastInDim': {
      const elements = literalElements(b, node.inputs[0]!);
      const isSplat = elements?.length === 1;
      return isSplat ? Array<number>(sizeOf(value.shape)).fill(elements[0]!) : undefined;
    }
    default:
      return undefined;
  }
}
