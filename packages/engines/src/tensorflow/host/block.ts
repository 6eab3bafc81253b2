/**
 * A graph as instructions for TensorFlow: what is computed into which slot, and which slots are free
 * afterwards. Runs without a look at shapes.
 */
import { setImmediate } from 'node:timers/promises';

import { execute, type Binding, type BindingAttr, type Handle } from './binding.ts';

/** A place for one tensor while a block runs. */
export type Slot = number;

export interface Block {
  readonly numSlots: number;
  /** Tensors that live as long as the block. */
  readonly constants: readonly (readonly [slot: Slot, handle: Handle])[];
  /** Tensors of the caller's, which stay the caller's. */
  readonly inputs: readonly Slot[];
  readonly instructions: readonly Instruction[];
  /** Each a slot of its own, written by an instruction: they become the caller's. */
  readonly outputs: readonly Slot[];
}

export type Instruction = OpInstruction | LoopInstruction;

export interface OpInstruction {
  readonly kind: 'op';
  readonly op: string;
  readonly attrs: readonly BindingAttr[];
  readonly inputs: readonly Slot[];
  readonly outputs: readonly [Slot];
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

/** The longest that a run keeps the event loop, and with it the answer to a ping. */
const MAX_BUSY_MS = 200;

/**
 * Runs a block on its inputs; the results are the caller's to delete. When it fails, what it had made
 * is deleted.
 *
 * @throws TensorflowError
 */
export async function runBlock(
  binding: Binding,
  block: Block,
  inputs: readonly Handle[],
): Promise<Handle[]> {
  const slots = new Array<Handle>(block.numSlots);
  const own = new Set<Slot>();
  for (const [slot, handle] of block.constants) slots[slot] = handle;
  block.inputs.forEach((slot, i) => (slots[slot] = inputs[i]!));
  let busySince = performance.now();
  try {
    for (const instruction of block.instructions) {
      const operands = instruction.inputs.map((slot) => slots[slot]!);
      const results =
        instruction.kind === 'op'
          ? [execute(binding, instruction.op, instruction.attrs, operands)]
          : await runLoop(binding, instruction, operands);
      instruction.outputs.forEach((slot, i) => {
        slots[slot] = results[i]!;
        own.add(slot);
      });
      for (const slot of instruction.frees) {
        binding.deleteTensor(slots[slot]!);
        own.delete(slot);
      }
      if (performance.now() - busySince > MAX_BUSY_MS) {
        await setImmediate();
        busySince = performance.now();
      }
    }
  } catch (error) {
    for (const slot of own) binding.deleteTensor(slots[slot]!);
    throw error;
  }
  return block.outputs.map((slot) => slots[slot]!);
}

async function runLoop(
  binding: Binding,
  { body, times }: LoopInstruction,
  operands: readonly Handle[],
): Promise<Handle[]> {
  const captured = operands.slice(body.outputs.length);
  let state = await runBlock(binding, body, operands);
  for (let i = 1; i < times; i++) {
    const previous = state;
    try {
      state = await runBlock(binding, body, [...previous, ...captured]);
    } finally {
      deleteAll(binding, previous);
    }
  }
  return state;
}

/** Deletes what a block keeps. */
export function disposeBlock(binding: Binding, block: Block): void {
  for (const [, handle] of block.constants) binding.deleteTensor(handle);
  for (const instruction of block.instructions) {
    if (instruction.kind === 'loop') disposeBlock(binding, instruction.body);
  }
}

export function deleteAll(binding: Binding, handles: readonly Handle[]): void {
  for (const handle of handles) binding.deleteTensor(handle);
}
