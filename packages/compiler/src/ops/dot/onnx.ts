/** ONNX nodes of matrix products. */
import { sizeOf } from '@eddy/tensor/spec';

import { onnxReshape, onnxTranspose } from '../define/onnx-moves.ts';
import type { OnnxWriter } from '../define/onnx.ts';
import type { Value } from '../define/value.ts';
import type { DotNode } from './node.ts';

/** Both operands become [batch, rows, columns], or [rows, columns] without batch axes. */
export function dotInOnnx(
  { inputs: [a, b], outputs: [output], attrs: { batch, contract } }: DotNode,
  [left, right]: readonly [string, string],
  w: OnnxWriter,
): string {
  const free = (x: Value, side: 0 | 1) =>
    x.shape
      .map((_, axis) => axis)
      .filter((axis) => !batch[side].includes(axis) && !contract[side].includes(axis));
  const size = (x: Value, axes: readonly number[]) => sizeOf(axes.map((axis) => x.shape[axis]!));
  const matrix = (x: Value, name: string, parts: readonly (readonly number[])[]) => {
    const order = parts.flat();
    const turned = onnxTranspose(name, order, w);
    const sizes = parts.map((axes) => size(x, axes));
    const shape = batch[0].length === 0 ? sizes.slice(1) : sizes;
    const dims = order.map((axis) => x.shape[axis]!);
    return onnxReshape(turned, dims, shape, w);
  };
  const rows = matrix(a, left, [batch[0], free(a, 0), contract[0]]);
  const columns = matrix(b, right, [batch[1], contract[1], free(b, 1)]);
  const product = w.node('MatMul', [rows, columns]);
  const sizes = [size(a, batch[0]), size(a, free(a, 0)), size(b, free(b, 1))];
  const shape = batch[0].length === 0 ? sizes.slice(1) : sizes;
  return onnxReshape(product, shape, output.shape, w);
}
