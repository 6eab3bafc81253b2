/** Values on the host: how results are made and rounded where the interpreter evaluates an op. */
import { sizeOf } from '@eddy/tensor/spec';

import { coordinates, offset, stridesOf } from './layout.ts';
import type { GraphDType, Region, ValueSpec } from './value.ts';

/** Elements in row-major order; bfloat16 as float32 values that bfloat16 can hold. */
export type Elements = Float32Array | Float64Array | Int32Array | Uint8Array;

/**
 * How results are rounded. `float32` is what graphs mean; `float64` keeps every digit of floating
 * point values, for checking gradients by finite differences.
 */
export type Arithmetic = 'float32' | 'float64';

/** What an op evaluates its operands with. */
export interface Evaluation {
  /** Makes the first result. */
  readonly output: ResultMaker;
  /** Makes each result. */
  readonly outputs: readonly ResultMaker[];
  /** Evaluates a graph that is an attribute of the node. */
  readonly run: (region: Region, inputs: readonly Elements[]) => readonly Elements[];
}

/** Makes the elements of one result. */
export class ResultMaker implements ValueSpec {
  readonly shape: readonly number[];
  readonly dtype: GraphDType;
  readonly arithmetic: Arithmetic;

  constructor({ shape, dtype }: ValueSpec, arithmetic: Arithmetic) {
    this.shape = shape;
    this.dtype = dtype;
    this.arithmetic = arithmetic;
  }

  /** Each element by its flat index. */
  generate(element: (index: number) => number): Elements {
    const elements = this.#allocate();
    for (let i = 0; i < elements.length; i++) elements[i] = element(i);
    return elements;
  }

  /** Each element is one element of an operand, at the coordinates that `source` gives. */
  rearrange(x: Elements, from: ValueSpec, source: (at: number[]) => number[]): Elements {
    const strides = stridesOf(from.shape);
    return this.generate((i) => x[offset(source(coordinates(i, this.shape)), strides)]!);
  }

  /** A number rounded to the dtype. */
  stored(x: number): number {
    return stored(x, this.dtype, this.arithmetic);
  }

  #allocate(): Elements {
    const size = sizeOf(this.shape);
    if (this.dtype === 'int32') return new Int32Array(size);
    if (this.dtype === 'bool') return new Uint8Array(size);
    return this.arithmetic === 'float64' ? new Float64Array(size) : new Float32Array(size);
  }
}

const bits = new DataView(new ArrayBuffer(4));

/** Nearest bfloat16, ties to even: the upper half of a float32. */
export function roundToBfloat16(x: number): number {
  if (Number.isNaN(x)) return x;
  bits.setFloat32(0, x);
  const pattern = bits.getUint32(0);
  const tie = (pattern >>> 16) & 1;
  bits.setUint32(0, ((pattern + 0x7fff + tie) & 0xffff0000) >>> 0);
  return bits.getFloat32(0);
}

/** A JavaScript number as a dtype stores it. */
export function stored(x: number, dtype: GraphDType, arithmetic: Arithmetic = 'float32'): number {
  switch (dtype) {
    case 'float32':
      return arithmetic === 'float64' ? x : Math.fround(x);
    case 'bfloat16':
      return roundToBfloat16(Math.fround(x));
    case 'int32':
      return x | 0;
    case 'bool':
      return x === 0 ? 0 : 1;
  }
}

/** float → int32 truncates and saturates, NaN gives 0; number → bool is `≠ 0`. */
export function converted(x: number, to: GraphDType): number {
  if (to !== 'int32') return stored(x, to);
  if (Number.isNaN(x)) return 0;
  return Math.trunc(Math.min(Math.max(x, -2147483648), 2147483647));
}
