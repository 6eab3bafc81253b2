/** Tensors one behind the other, as a page reads them. */
import type { DType } from '@eddy/tensor';

import type { PackedTensor } from '../model/web-model.ts';

/** Tensors of at most so many elements are written into the header as numbers. */
const MAX_LISTED = 16;
const ALIGNMENT = 4;

interface Given {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data: Float32Array | Int32Array | Uint8Array;
}

/** Collects elements of tensors. */
export class TensorBytes {
  readonly #parts: Uint8Array[] = [];
  #size = 0;

  /** Puts a tensor in, and returns how the header names it. */
  add({ shape, dtype, data }: Given): PackedTensor {
    return { shape, dtype: dtype, data: this.#place(data) };
  }

  joined(): Uint8Array<ArrayBuffer> {
    const all = new Uint8Array(this.#size);
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += alignedSize(part.length);
    }
    return all;
  }

  #place(data: Given['data']): PackedTensor['data'] {
    const [first] = data;
    // JSON has neither −0 nor infinities.
    const isPlain = data.every((x: number) => Number.isFinite(x) && !Object.is(x, -0));
    if (isPlain && data.length > 0 && data.every((x: number) => x === first)) {
      return { fill: first! };
    }
    if (isPlain && data.length <= MAX_LISTED) return [...data];
    const offset = this.#size;
    this.#parts.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    this.#size += alignedSize(data.byteLength);
    return { offset };
  }
}

function alignedSize(size: number): number {
  return Math.ceil(size / ALIGNMENT) * ALIGNMENT;
}
