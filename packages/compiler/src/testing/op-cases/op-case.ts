import type { Tensor } from '@tensorflow/tfjs-core';
import { sizeOf, type HostTensor } from '@eddy/tensor';

/** One use of a TF.js operation, to be run everywhere and compared. */
export interface OpCase {
  /** The operation, as TF.js documents it: a row of docs/compatibility.md. */
  readonly op: string;
  /** What is special about this use. */
  readonly name: string;
  readonly inputs: readonly HostTensor[];
  /** Makes one or more tensors; a `Tensor[]` counts as that many results. */
  readonly f: (...inputs: Tensor[]) => Tensor | Tensor[];
  /** What is done with gradients with respect to the float32 inputs. */
  readonly gradient:
    | 'none'
    | 'compared'
    | 'compared and checked by finite differences'
    /** Not compared: TF.js's cpu kernel of the gradient is wrong. */
    | 'checked by finite differences';
  /** The right result where TF.js's cpu kernel has a wrong one; that kernel decides otherwise. */
  readonly expected?: HostTensor;
}

type Run = OpCase['f'];

/** A case whose gradient is compared too: `f` is smooth around its inputs. */
export function smooth(op: string, name: string, inputs: readonly HostTensor[], f: Run): OpCase {
  return { op, name, inputs, f, gradient: 'compared and checked by finite differences' };
}

/** A case whose gradient TF.js's cpu kernel gets wrong: the slope of the value decides. */
export function slope(op: string, name: string, inputs: readonly HostTensor[], f: Run): OpCase {
  return { op, name, inputs, f, gradient: 'checked by finite differences' };
}

/** A case whose gradient is not the slope of its value, by intent. */
export function detached(op: string, name: string, inputs: readonly HostTensor[], f: Run): OpCase {
  return { op, name, inputs, f, gradient: 'compared' };
}

/** A case of values only. */
export function forward(op: string, name: string, inputs: readonly HostTensor[], f: Run): OpCase {
  return { op, name, inputs, f, gradient: 'none' };
}

/** A case of values only, whose value TF.js's cpu kernel gets wrong. */
export function known(
  op: string,
  name: string,
  inputs: readonly HostTensor[],
  f: Run,
  expected: HostTensor,
): OpCase {
  return { op, name, inputs, f, gradient: 'none', expected };
}

export function scalar(value: number, dtype: 'float32' | 'int32'): HostTensor {
  return { ...(dtype === 'float32' ? float(value) : int(value)), shape: [] };
}

/** Distinct numbers spread over (low, high): the golden ratio's multiples. */
export function floats(shape: readonly number[], low = -2, high = 2): HostTensor {
  const spread = (i: number) => low + (high - low) * (((i + 1) * 0.6180339887498949) % 1);
  const data = Float32Array.from({ length: sizeOf(shape) }, (_, i) => spread(i));
  return { shape, dtype: 'float32', data };
}

export function float(...values: number[]): HostTensor {
  return { shape: [values.length], dtype: 'float32', data: Float32Array.from(values) };
}

export function int(...values: number[]): HostTensor {
  return { shape: [values.length], dtype: 'int32', data: Int32Array.from(values) };
}

/** Integers 0 … bound − 1 in a scattered order. */
export function ints(shape: readonly number[], bound: number): HostTensor {
  const data = Int32Array.from({ length: sizeOf(shape) }, (_, i) => (i * 7 + 3) % bound);
  return { shape, dtype: 'int32', data };
}

export function bools(shape: readonly number[]): HostTensor {
  const data = Uint8Array.from({ length: sizeOf(shape) }, (_, i) => ((i * 5) % 3 === 0 ? 1 : 0));
  return { shape, dtype: 'bool', data };
}

/** Not a number, infinities, both zeros, large, tiny and plain numbers. */
export const SPECIAL = float(NaN, Infinity, -Infinity, 0, -0, 1, -1, 1e30, -1e30, 1e-30, 0.5, -2.5);
