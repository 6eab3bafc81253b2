/** Moves of elements that several ops need in ONNX. */
import type { OnnxWriter } from './onnx.ts';
import { sameShape } from './value.ts';

export function onnxReshape(
  x: string,
  from: readonly number[],
  to: readonly number[],
  w: OnnxWriter,
): string {
  if (sameShape(from, to)) return x;
  // allowzero: a size of 0 means 0, not "as before".
  return w.node('Reshape', [x, w.sizes(to)], to.includes(0) ? { allowzero: 1 } : {});
}

export function onnxTranspose(x: string, permutation: readonly number[], w: OnnxWriter): string {
  if (permutation.every((axis, i) => axis === i)) return x;
  return w.node('Transpose', [x], { perm: permutation });
}
