/** ONNX nodes of convolutions. */
import { onnxReshape, onnxTranspose } from '../define/onnx-moves.ts';
import type { OnnxWriter } from '../define/onnx.ts';
import { dilatedSize, type ConvolutionNode } from './node.ts';

/** ONNX has features before the spatial axes, and outputs before the features of a kernel. */
export function convolutionInOnnx(
  { inputs: [input, kernel], attrs }: ConvolutionNode,
  [x, weights]: readonly [string, string],
  w: OnnxWriter,
): string {
  const { strides, low, high, inputDilation, kernelDilation } = attrs;
  const ndim = input.shape.length;
  const spatial = strides.map((_, axis) => axis + 1);
  const first = [0, ndim - 1, ...spatial];
  let shape = first.map((axis) => input.shape[axis]!);
  let operand = onnxTranspose(x, first, w);
  spatial.forEach((_, i) => {
    ({ operand, shape } = dilated(operand, shape, i + 2, inputDilation[i]!, w));
  });
  const cut = (pads: readonly number[]) => pads.map((pad) => Math.max(0, -pad));
  if ([...low, ...high].some((pad) => pad < 0)) {
    const starts = cut(low);
    const ends = cut(high).map((count, i) => shape[i + 2]! - count);
    const axes = spatial.map((_, i) => i + 2);
    operand = w.node('Slice', [operand, w.sizes(starts), w.sizes(ends), w.sizes(axes)]);
  }
  const order = [ndim - 1, ndim - 2, ...strides.map((_, axis) => axis)];
  const result = w.node('Conv', [operand, onnxTranspose(weights, order, w)], {
    kernel_shape: kernel.shape.slice(0, -2),
    strides,
    dilations: kernelDilation,
    pads: [...low, ...high].map((pad) => Math.max(0, pad)),
  });
  return onnxTranspose(result, [0, ...spatial.map((axis) => axis + 1), 1], w);
}

/** With d − 1 zeros between the elements of an axis. */
function dilated(
  x: string,
  shape: readonly number[],
  axis: number,
  dilation: number,
  w: OnnxWriter,
): { operand: string; shape: number[] } {
  if (dilation === 1) return { operand: x, shape: [...shape] };
  const size = shape[axis]!;
  const spread = [...shape.slice(0, axis + 1), 1, ...shape.slice(axis + 1)];
  const pads = [
    ...spread.map(() => 0),
    ...spread.map((_, i) => (i === axis + 1 ? dilation - 1 : 0)),
  ];
  const column = onnxReshape(x, shape, spread, w);
  const filled = w.node('Pad', [column, w.sizes(pads), w.scalar('float32', 0)]);
  const joined = shape.with(axis, size * dilation);
  const row = onnxReshape(filled, spread.with(axis + 1, dilation), joined, w);
  const end = dilatedSize(size, dilation);
  const operand = w.node('Slice', [row, w.sizes([0]), w.sizes([end]), w.sizes([axis])]);
  return { operand, shape: joined.with(axis, end) };
}
