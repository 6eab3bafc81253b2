/** Rows of tables by their numbers. */
import { kernel, filled, asNumbers, cast, type RawOp } from './raw-op.ts';
import type { Tensor } from '@tensorflow/tfjs-core';

const gathered: RawOp = ({ inputs: [rows, ids] }) => {
  const shape = [ids!.size, ...rows!.shape.slice(1)];
  // Kernels forget the shape of a result without elements.
  if (shape.includes(0)) return filled(0, shape, rows!.dtype);
  return asNumbers(rows!, (x) =>
    kernel('GatherV2', { x, indices: ids! }, { axis: 0, batchDims: 0 }),
  );
};

/** Ids that name no row get one of their own, which is dropped afterwards. */
const scattered =
  (combine: 'add' | 'replace'): RawOp =>
  ({ inputs: [rows, indices, updates] }) => {
    if (updates!.size === 0) return kernel('Identity', { x: rows! });
    return asNumbers(rows!, (table) => {
      const count = table.shape[0];
      const width = table.shape.slice(1);
      const outside = kernel('LogicalOr', {
        a: kernel('Less', { a: indices!, b: filled(0, [], 'int32') }),
        b: kernel('GreaterEqual', { a: indices!, b: filled(count, [], 'int32') }),
      });
      const last = filled(count, indices!.shape, 'int32');
      const ids = kernel('Select', { condition: outside, t: last, e: indices! });
      const values = updates!.dtype === 'bool' ? cast(updates!, 'int32') : updates!;
      const shape = [count + 1, ...width];
      const sums = kernel('ScatterNd', { indices: ids, updates: values }, { shape });
      const added = firstRows(sums, count);
      if (combine === 'add') return kernel('Add', { a: table, b: added });
      const paddings = [[0, 1], ...width.map(() => [0, 0])];
      const longer = kernel('PadV2', { x: table }, { paddings, constantValue: 0 });
      const replaced = kernel(
        'TensorScatterUpdate',
        { tensor: longer, indices: ids, updates: values },
        {},
      );
      return firstRows(replaced, count);
    });
  };

function firstRows(x: Tensor, count: number): Tensor {
  return kernel('Slice', { x }, { begin: x.shape.map(() => 0), size: x.shape.with(0, count) });
}

export const indexing: Readonly<Record<string, RawOp>> = {
  GatherV2: gathered,
  TensorScatterAdd: scattered('add'),
  TensorScatterUpdate: scattered('replace'),
};
