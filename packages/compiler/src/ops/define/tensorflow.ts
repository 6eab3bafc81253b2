/** What an op writes its instructions for TensorFlow with. Nothing here needs TensorFlow. */
import type { DType } from '@eddy/tensor';

import type { ConstantData, Region, Value } from './value.ts';

/** A place for one tensor while instructions run. */
export type Slot = number;

/**
 * A value as it is kept: where it only repeats along an axis, with 1 there or without leading axes, so
 * that it becomes the value by NumPy's broadcasting. Element-wise operations broadcast by themselves.
 */
export interface Compact {
  readonly slot: Slot;
  readonly shape: readonly number[];
}

/** An attribute of an operation; TensorFlow infers those that follow from the operands. */
export type TensorflowAttr =
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'int'; readonly value: number }
  | { readonly type: 'ints'; readonly value: readonly number[] }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'dtype'; readonly value: DType };

export type TensorflowAttrs = Readonly<Record<string, TensorflowAttr>>;

/** Where instructions go. Operations are those of TensorFlow's raw ops (`tf.raw_ops`). */
export interface InstructionBuilder {
  /** The value as it is kept. */
  compact(value: Value): Compact;
  /** The value with all its elements. */
  full(value: Value): Slot;
  /** The value with all its axes, of size 1 where it repeats. */
  aligned(value: Value): Compact;
  reshape(slot: Slot, shape: readonly number[]): Slot;
  /** An operation that broadcasts. */
  elementWise(op: string, operands: readonly Compact[]): Compact;
  /** An operation with one result. */
  emit(op: string, inputs: readonly Slot[], attrs?: TensorflowAttrs): Slot;
  /** An operation with several results. */
  emitAll(op: string, inputs: readonly Slot[], count: number, attrs?: TensorflowAttrs): Slot[];
  /** Applies a region `times` times. */
  loop(times: number, body: Region, inputs: readonly Slot[]): readonly Slot[];
  constant(data: ConstantData, shape: readonly number[], dtype: DType): Slot;
  /** A list of integers, as TensorFlow takes shapes and axes. */
  ints(values: readonly number[]): Slot;
  scalar(value: number, dtype: DType): Compact;
}
