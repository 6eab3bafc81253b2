/** The native binding of `@tensorflow/tfjs-node`: TensorFlow's eager operations, one call each. */
import { createRequire } from 'node:module';

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
  readonly value: string | number | boolean;
}

/** An attribute of an operation; TensorFlow infers those that follow from the operands. */
export type Attr =
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'int'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'dtype'; readonly value: DType };

export type Attrs = Readonly<Record<string, Attr>>;

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

export function encodeAttrs(binding: Binding, attrs: Attrs): BindingAttr[] {
  return Object.entries(attrs).map(([name, attr]) => {
    switch (attr.type) {
      case 'string':
        return { name, type: binding.TF_ATTR_STRING, value: attr.value };
      case 'int':
        return { name, type: binding.TF_ATTR_INT, value: attr.value };
      case 'bool':
        return { name, type: binding.TF_ATTR_BOOL, value: attr.value };
      case 'dtype':
        return { name, type: binding.TF_ATTR_TYPE, value: dtypeCode(binding, attr.value) };
    }
  });
}

/**
 * Has a scatter pass over ids outside of the rows, as graphs mean it. TensorFlow 2.9, which the
 * vendor's binding brings, lacks the attribute: there such an id is an error on the CPU.
 */
export function scatterAttrs(binding: Binding): Attrs {
  const attrs: Attrs = { bad_indices_policy: { type: 'string', value: 'IGNORE' } };
  const rows = binding.createTensor([1], binding.TF_INT32, Int32Array.of(0));
  const indices = binding.createTensor([1, 1], binding.TF_INT32, Int32Array.of(0));
  try {
    const encoded = encodeAttrs(binding, attrs);
    const result = execute(binding, 'TensorScatterUpdate', encoded, [rows, indices, rows]);
    binding.deleteTensor(result);
    return attrs;
  } catch {
    return {};
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
): Handle {
  try {
    return binding.executeOp(op, attrs, inputs, 1)[0]!.id;
  } catch (error) {
    throw TensorflowError.from(op, error);
  }
}
