/** Runs the instructions of a program in TensorFlow. */
import { setImmediate } from 'node:timers/promises';

import type { Block, Slot, TensorflowAttrs } from '@eddy/compiler/tensorflow';

import {
  dtypeCode,
  encodeAttrs,
  execute,
  type Binding,
  type BindingAttr,
  type Handle,
} from './binding.ts';

/** A block with its constants in TensorFlow and its attributes as the binding takes them. */
export interface LoadedBlock {
  readonly numSlots: number;
  /** Tensors that live as long as the block. */
  readonly constants: readonly (readonly [slot: Slot, handle: Handle])[];
  readonly inputs: readonly Slot[];
  readonly instructions: readonly LoadedInstruction[];
  readonly outputs: readonly Slot[];
}

type LoadedInstruction = LoadedOp | LoadedLoop;

interface LoadedOp {
  readonly kind: 'op';
  readonly op: string;
  readonly attrs: readonly BindingAttr[];
  readonly inputs: readonly Slot[];
  readonly outputs: readonly Slot[];
  readonly frees: readonly Slot[];
}

interface LoadedLoop {
  readonly kind: 'loop';
  readonly times: number;
  readonly body: LoadedBlock;
  readonly inputs: readonly Slot[];
  readonly outputs: readonly Slot[];
  readonly frees: readonly Slot[];
}

/**
 * Makes a block's constants.
 *
 * @param lacks  attributes that this TensorFlow does not know yet; they are left out.
 */
export function loadBlock(binding: Binding, block: Block, lacks: ReadonlySet<string>): LoadedBlock {
  const known = (attrs: TensorflowAttrs) =>
    Object.fromEntries(Object.entries(attrs).filter(([name]) => !lacks.has(name)));
  return {
    ...block,
    constants: block.constants.map(({ slot, shape, dtype, data }) => [
      slot,
      binding.createTensor(shape, dtypeCode(binding, dtype), data),
    ]),
    instructions: block.instructions.map((instruction) =>
      instruction.kind === 'op'
        ? { ...instruction, attrs: encodeAttrs(binding, known(instruction.attrs)) }
        : { ...instruction, body: loadBlock(binding, instruction.body, lacks) },
    ),
  };
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
  block: LoadedBlock,
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
          ? runOp(binding, instruction, operands)
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

function runOp(
  binding: Binding,
  { op, attrs, outputs }: LoadedOp,
  operands: readonly Handle[],
): readonly Handle[] {
  return execute(binding, op, attrs, operands, outputs.length);
}

async function runLoop(
  binding: Binding,
  { body, times }: LoadedLoop,
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
export function disposeBlock(binding: Binding, block: LoadedBlock): void {
  for (const [, handle] of block.constants) binding.deleteTensor(handle);
  for (const instruction of block.instructions) {
    if (instruction.kind === 'loop') disposeBlock(binding, instruction.body);
  }
}

export function deleteAll(binding: Binding, handles: readonly Handle[]): void {
  for (const handle of handles) binding.deleteTensor(handle);
}
