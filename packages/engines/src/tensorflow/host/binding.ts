/** The native binding of `@tensorflow/tfjs-node`: TensorFlow's eager operations, one call each. */
import { createRequire } from 'node:module';

import type { TensorflowAttrs } from '@eddy/compiler/tensorflow';
import type { DType } from '@eddy/tensor';

import type { HostData } from '../../process/protocol.ts';
import { TensorflowError } from './tensorflow-error.ts';

/** A tensor in TensorFlow; a new one for each operation, to be deleted once. */
export type Handle = number;

/** What of the binding is used here, as `tfjs_binding.cc` exports it. */
export interface Binding {
  readonly TF_Version: string;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_BOOL: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  /** Keeps the array alive and reads it where it is: it must not be written to afterwards. */
  createTensor(shape: readonly number[], dtype: number, data: HostData): Handle;
  deleteTensor(tensor: Handle): void;
  /** A copy. */
  tensorDataSync(tensor: Handle): HostData;
  executeOp(
    name: string,
    attrs: readonly BindingAttr[],
    inputs: readonly Handle[],
    numOutputs: number,
  ): readonly { readonly id: Handle }[];
  isUsingGpuDevice(): boolean;
  getNumOfTensors(): number;
}

export interface BindingAttr {
  readonly name: string;
  readonly type: number;
  /** A list of whole numbers under the type of one. */
  readonly value: string | number | boolean | readonly number[];
}

export function loadBinding(path: string): Binding {
  return createRequire(import.meta.url)(path) as Binding;
}

export function dtypeCode(binding: Binding, dtype: DType): number {
  switch (dtype) {
    case 'float32':
      return binding.TF_FLOAT;
    case 'int32':
      return binding.TF_INT32;
    case 'bool':
      return binding.TF_BOOL;
  }
}

export function encodeAttrs(binding: Binding, attrs: TensorflowAttrs): BindingAttr[] {
  return Object.entries(attrs).map(([name, attr]) => {
    switch (attr.type) {
      case 'string':
        return { name, type: binding.TF_ATTR_STRING, value: attr.value };
      case 'int':
      case 'ints':
        return { name, type: binding.TF_ATTR_INT, value: attr.value };
      case 'float':
        return { name, type: binding.TF_ATTR_FLOAT, value: attr.value };
      case 'bool':
        return { name, type: binding.TF_ATTR_BOOL, value: attr.value };
      case 'dtype':
        return { name, type: binding.TF_ATTR_TYPE, value: dtypeCode(binding, attr.value) };
    }
  });
}

const SCATTER_POLICY = 'bad_indices_policy';

/**
 * Attributes that this TensorFlow lacks.
 *
 * 2.9, which the vendor's binding brings, knows none by which a scatter passes over ids outside of the
 * rows, as graphs mean it: there such an id is an error on the CPU.
 */
export function unsupportedAttrs(binding: Binding): ReadonlySet<string> {
  const attrs = encodeAttrs(binding, { [SCATTER_POLICY]: { type: 'string', value: 'IGNORE' } });
  const rows = binding.createTensor([1], binding.TF_INT32, Int32Array.of(0));
  const indices = binding.createTensor([1, 1], binding.TF_INT32, Int32Array.of(0));
  try {
    const [result] = execute(binding, 'TensorScatterUpdate', attrs, [rows, indices, rows], 1);
    binding.deleteTensor(result!);
    return new Set();
  } catch {
    return new Set([SCATTER_POLICY]);
  } finally {
    binding.deleteTensor(rows);
    binding.deleteTensor(indices);
  }
}

/** @throws TensorflowError */
export function execute(
  binding: Binding,
  op: string,
  attrs: readonly BindingAttr[],
  inputs: readonly Handle[],
  numOutputs: number,
): readonly Handle[] {
  try {
    return binding.executeOp(op, attrs, inputs, numOutputs).map(({ id }) => id);
  } catch (error) {
    throw TensorflowError.from(op, error);
  }
}
