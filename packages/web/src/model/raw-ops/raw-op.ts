/** What an operation of TensorFlow is given, and TF.js kernels by name. */
import type { TensorflowAttrs } from '@eddy/compiler/tensorflow';
import { engine, type NamedAttrMap, type NamedTensorMap, type Tensor } from '@tensorflow/tfjs-core';

/** The operands and attributes of one operation. */
export interface RawCall {
  readonly inputs: readonly Tensor[];
  readonly attrs: TensorflowAttrs;
  /**
   * Returns the elements of an operand that is a constant, such as axes and shapes.
   *
   * @throws NotConstantError where the operand is computed
   */
  readonly numbers: (operand: number) => readonly number[];
  /** Returns true for an operand that is a constant. */
  readonly isConstant: (operand: number) => boolean;
}

/** Computes an operation of TensorFlow with TF.js kernels; temporaries are its caller's to dispose (`tidy`). */
export type RawOp = (call: RawCall) => Tensor | readonly Tensor[];

/** An operand that must be known when the model is written is computed by the model. */
export class NotConstantError extends Error {}

/** Runs a kernel of the current TF.js backend. */
export function kernel(name: string, inputs: NamedTensorMap, attrs: NamedAttrMap = {}): Tensor {
  return engine().runKernel<Tensor>(name, inputs, attrs);
}

/** Returns a value of another dtype; whatever is not 0 becomes true. */
export function cast(x: Tensor, dtype: 'float32' | 'int32' | 'bool'): Tensor {
  if (x.dtype === dtype) return kernel('Identity', { x });
  if (dtype !== 'bool') return kernel('Cast', { x }, { dtype });
  // The Cast of the wasm backend copies the bytes.
  return kernel('NotEqual', { a: x, b: filled(0, [], x.dtype) });
}

/** Returns a tensor of one number. */
export function filled(value: number, shape: readonly number[], dtype: string): Tensor {
  if (dtype === 'bool') return cast(filled(value, shape, 'int32'), 'bool');
  return engine().runKernel<Tensor>('Fill', {}, { shape: [...shape], value, dtype });
}

export function reshaped(x: Tensor, shape: readonly number[]): Tensor {
  return kernel('Reshape', { x }, { shape: [...shape] });
}

/** Computes with numbers where a kernel takes no bools. */
export function asNumbers(x: Tensor, compute: (numbers: Tensor) => Tensor): Tensor {
  return x.dtype === 'bool' ? cast(compute(cast(x, 'int32')), 'bool') : compute(x);
}
