/**
 * Fourier transforms as products with the matrix of the transform: puzzles are short, and no backend of a page has
 * the kernel. A complex tensor is a pair of float32 tensors along a new first axis.
 */
import { tensor, type Tensor } from '@tensorflow/tfjs-core';

import { kernel, reshaped, type RawOp } from './raw-op.ts';

const complex: RawOp = ({ inputs: [re, im] }) => {
  const parts = [re!, im!].map((x) => reshaped(x, [1, ...x.shape]));
  return kernel('Concat', parts as never, { axis: 0 });
};

function partOf(x: Tensor, index: 0 | 1): Tensor {
  const begin = x.shape.map((_, axis) => (axis === 0 ? index : 0));
  const part = kernel('Slice', { x }, { begin, size: x.shape.with(0, 1) });
  return reshaped(part, x.shape.slice(1));
}

/** y[k] = Σ x[j]·e^(∓2πi·jk/n), divided by n for the inverse, along the last axis. */
const transform =
  (direction: 1 | -1): RawOp =>
  ({ inputs: [x] }) => {
    const n = x!.shape.at(-1)!;
    const scale = direction === 1 ? 1 : 1 / n;
    const matrix = (f: (angle: number) => number) => {
      const data = Float32Array.from({ length: n * n }, (_, i) => {
        // Reduced first, so that the angle is exact.
        const turns = ((i % n) * Math.floor(i / n)) % n;
        return scale * f((2 * Math.PI * turns) / n);
      });
      return tensor(data, [1, n, n], 'float32');
    };
    const [cosines, sines] = [matrix(Math.cos), matrix(Math.sin)];
    const rows = (part: Tensor) => reshaped(part, [1, -1, n]);
    const times = (a: Tensor, b: Tensor) =>
      kernel('BatchMatMul', { a: rows(a), b }, { transposeA: false, transposeB: false });
    const [re, im] = [partOf(x!, 0), partOf(x!, 1)];
    const [a, b] = direction === 1 ? [re, im] : [im, re];
    // (re + i·im)·(cos ∓ i·sin)
    const first = kernel('Add', { a: times(a, cosines), b: times(b, sines) });
    const second = kernel('Sub', { a: times(b, cosines), b: times(a, sines) });
    const parts = direction === 1 ? [first, second] : [second, first];
    const shape = [1, ...x!.shape.slice(1)];
    return kernel('Concat', parts.map((part) => reshaped(part, shape)) as never, { axis: 0 });
  };

export const fourier: Readonly<Record<string, RawOp>> = {
  Complex: complex,
  Real: ({ inputs: [x] }) => partOf(x!, 0),
  Imag: ({ inputs: [x] }) => partOf(x!, 1),
  FFT: transform(1),
  IFFT: transform(-1),
};
