/** What a convolution means. */
import { sizeOf } from '@eddy/tensor/spec';

import type { Elements, ResultMaker } from '../define/elements.ts';
import { coordinates, offset, stridesOf } from '../define/layout.ts';
import { spatialShape, type ConvolutionNode } from './node.ts';

/** out[b, p, o] = Σ over k, f of input[b, p·stride + k·dilation − low, f] · kernel[k, f, o]. */
export function convolve(
  { inputs: [x, kernel], outputs: [y], attrs }: ConvolutionNode,
  [data, weights]: readonly [Elements, Elements],
  output: ResultMaker,
): Elements {
  const positions = spatialShape(y);
  const window = kernel.shape.slice(0, -2);
  const taps = positionsOfTaps(x.shape, positions, window, attrs);
  const [features, outputs] = kernel.shape.slice(-2) as [number, number];
  const numPositions = sizeOf(positions);
  const inputSize = sizeOf(spatialShape(x));
  return output.generate((i) => {
    const out = i % outputs;
    const at = Math.floor(i / outputs);
    const position = at % numPositions;
    const batch = Math.floor(at / numPositions);
    let sum = 0;
    for (const [tap, source] of taps[position]!) {
      const from = (batch * inputSize + source) * features;
      for (let f = 0; f < features; f++) {
        sum += data[from + f]! * weights[(tap * features + f) * outputs + out]!;
      }
    }
    return output.stored(sum);
  });
}

/** For each position of the result: places in the kernel, and where in the input they lie. */
function positionsOfTaps(
  inputShape: readonly number[],
  positions: readonly number[],
  window: readonly number[],
  { strides, low, inputDilation, kernelDilation }: ConvolutionNode['attrs'],
): (readonly [tap: number, source: number])[][] {
  const dims = inputShape.slice(1, -1);
  const layout = stridesOf(dims);
  const taps = Array.from({ length: sizeOf(window) }, (_, tap) => coordinates(tap, window));
  return Array.from({ length: sizeOf(positions) }, (_, i) => {
    const corner = coordinates(i, positions).map((at, axis) => at * strides[axis]! - low[axis]!);
    return taps.flatMap((tap, number) => {
      const at = tap.map(
        (k, axis) => (corner[axis]! + k * kernelDilation[axis]!) / inputDilation[axis]!,
      );
      const inside = at.every((x, axis) => Number.isInteger(x) && x >= 0 && x < dims[axis]!);
      return inside ? [[number, offset(at, layout)] as const] : [];
    });
  });
}
