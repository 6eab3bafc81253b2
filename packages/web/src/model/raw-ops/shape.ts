/** Operations that move elements about. */
import type { Tensor } from '@tensorflow/tfjs-core';

import { broadcastTo } from './element-wise.ts';
import { asNumbers, cast, filled, kernel, reshaped, type RawOp } from './raw-op.ts';

function pairs(numbers: readonly number[]): [number, number][] {
  return Array.from({ length: numbers.length / 2 }, (_, i) => [
    numbers[2 * i]!,
    numbers[2 * i + 1]!,
  ]);
}

function slice(x: Tensor, begin: readonly number[], size: readonly number[]): Tensor {
  return kernel('Slice', { x }, { begin: [...begin], size: [...size] });
}

function padded(x: Tensor, margins: readonly number[], constantValue: number): Tensor {
  return asNumbers(x, (numbers) =>
    kernel('PadV2', { x: numbers }, { paddings: pairs(margins), constantValue }),
  );
}

/** The same with a number that the model computes. */
function paddedWith(x: Tensor, margins: readonly number[], fill: Tensor): Tensor {
  const isInside = cast(padded(filled(1, x.shape, 'int32'), margins, 0), 'bool');
  const t = padded(cast(x, x.dtype === 'bool' ? 'int32' : (x.dtype as 'float32')), margins, 0);
  const e = broadcastTo(cast(fill, t.dtype as 'float32'), t.shape);
  return cast(kernel('Select', { condition: isInside, t, e }), x.dtype as 'float32');
}

/** Returns the elements `begin`, `begin + strides`, … below `end` on each axis. */
export function strided(
  x: Tensor,
  begin: readonly number[],
  end: readonly number[],
  strides: readonly number[],
): Tensor {
  if (strides.every((step) => step === 1) || x.size === 0) {
    const sizes = begin.map((start, axis) => Math.ceil((end[axis]! - start) / strides[axis]!));
    return slice(x, begin, sizes);
  }
  const bounds = { begin: [...begin], end: [...end], strides: [...strides] };
  return kernel('StridedSlice', { x }, { ...bounds, ...NO_MASKS });
}

const NO_MASKS = { beginMask: 0, endMask: 0, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 };

const concatenated: RawOp = ({ inputs, numbers }) => {
  const [axis] = numbers(inputs.length - 1) as [number];
  const parts = inputs.slice(0, -1).filter(({ size }) => size > 0);
  if (parts.length === 0) {
    const size = inputs.slice(0, -1).reduce((sum, x) => sum + x.shape[axis]!, 0);
    return reshaped(inputs[0]!, inputs[0]!.shape.with(axis, size));
  }
  if (parts.length === 1) return kernel('Identity', { x: parts[0]! });
  return kernel('Concat', parts as never, { axis });
};

export const shapes: Readonly<Record<string, RawOp>> = {
  BroadcastTo: ({ inputs: [x], numbers }) => broadcastTo(x!, numbers(1)),
  ConcatV2: concatenated,
  Identity: ({ inputs: [x] }) => kernel('Identity', { x: x! }),
  Pad: ({ inputs: [x], numbers }) => padded(x!, numbers(1), 0),
  PadV2: ({ inputs: [x, , fill], numbers, isConstant }) =>
    isConstant(2) ? padded(x!, numbers(1), numbers(2)[0]!) : paddedWith(x!, numbers(1), fill!),
  Reshape: ({ inputs: [x], numbers }) => reshaped(x!, numbers(1)),
  ReverseV2: ({ inputs: [x], numbers }) =>
    asNumbers(x!, (values) => kernel('Reverse', { x: values }, { dims: [...numbers(1)] })),
  Slice: ({ inputs: [x], numbers }) =>
    asNumbers(x!, (values) => slice(values, numbers(1), numbers(2))),
  StridedSlice: ({ inputs: [x], numbers }) =>
    asNumbers(x!, (values) => strided(values, numbers(1), numbers(2), numbers(3))),
  Transpose: ({ inputs: [x], numbers }) =>
    asNumbers(x!, (values) => kernel('Transpose', { x: values }, { perm: [...numbers(1)] })),
};
