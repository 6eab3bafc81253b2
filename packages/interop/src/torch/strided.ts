import { SAFETENSORS_BYTES } from '@eddy/core/checkpoint';
import { sizeOf } from '@eddy/tensor';

import type { TensorReference } from './pickle-values.ts';

/** The elements of a view in row-major order, in a buffer of their own. */
export function contiguousBytes(
  storage: Uint8Array<ArrayBuffer>,
  { storage: { dtype }, offset, shape, strides }: TensorReference,
): Uint8Array<ArrayBuffer> {
  const width = SAFETENSORS_BYTES[dtype];
  const size = sizeOf(shape);
  if (isContiguous(shape, strides)) {
    const whole = size * width === storage.length;
    return whole ? storage : storage.slice(offset * width, (offset + size) * width);
  }
  const bytes = new Uint8Array(size * width);
  const index = shape.map(() => 0);
  for (let i = 0, at = offset; i < size; i++) {
    bytes.set(storage.subarray(at * width, (at + 1) * width), i * width);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      at -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return bytes;
}

/** The stride of an axis of size 1 means nothing. */
function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}
