/**
 * A graph as instructions for TensorFlow: what is computed into which slot, and which slots are free
 * afterwards. Pure data: whoever runs them needs no look at shapes, graphs or ops.
 */
import type { DType } from '@eddy/tensor/spec';

import type { Slot, TensorflowAttrs } from '../ops/define/tensorflow.ts';
import type { ConstantData } from '../ops/define/value.ts';

export type { Slot, TensorflowAttr, TensorflowAttrs } from '../ops/define/tensorflow.ts';

export interface Block {
  readonly numSlots: number;
  /** Tensors that live as long as the block. */
  readonly constants: readonly BlockConstant[];
  /** Tensors of the caller's, which stay the caller's. */
  readonly inputs: readonly Slot[];
  readonly instructions: readonly Instruction[];
  /** Each a slot of its own, written by an instruction: they become the caller's. */
  readonly outputs: readonly Slot[];
}

export interface BlockConstant {
  readonly slot: Slot;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data: ConstantData;
}

export type Instruction = OpInstruction | LoopInstruction;

export interface OpInstruction {
  readonly kind: 'op';
  /** Of TensorFlow: `AddV2`. */
  readonly op: string;
  readonly attrs: TensorflowAttrs;
  readonly inputs: readonly Slot[];
  readonly outputs: readonly Slot[];
  /** Slots that nothing uses after this. */
  readonly frees: readonly Slot[];
}

/** Applies `body` `times` times; its inputs are the state, then what it reads from outside. */
export interface LoopInstruction {
  readonly kind: 'loop';
  readonly times: number;
  readonly body: Block;
  readonly inputs: readonly Slot[];
  readonly outputs: readonly Slot[];
  readonly frees: readonly Slot[];
}
