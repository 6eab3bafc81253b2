/** Instructions of a model, run with TF.js. */
import type { Block, Instruction, Slot } from '@eddy/compiler/tensorflow';
import { tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';

import { NotConstantError, RAW_OPS, type RawOp } from './raw-ops/index.ts';

/** Constants of more elements are never axes, shapes or margins. */
const MAX_LISTED = 64;

/** A block whose constants are tensors of the current TF.js backend. */
export interface LoadedBlock {
  readonly block: Block;
  readonly constants: readonly (readonly [slot: Slot, value: Tensor])[];
  readonly numbers: ReadonlyMap<Slot, readonly number[]>;
  readonly bodies: ReadonlyMap<Instruction, LoadedBlock>;
}

/** Names the operation that a page has no kernels for. */
export class UnknownOperationError extends Error {
  readonly op: string;

  constructor(op: string, because: string) {
    super(because);
    this.op = op;
  }
}

/**
 * Makes a block's constants on the current TF.js backend.
 *
 * @throws UnknownOperationError
 */
export function loadBlock(block: Block): LoadedBlock {
  const numbers = new Map<Slot, readonly number[]>();
  const constants = block.constants.map(({ slot, shape, dtype, data }) => {
    if (data.length <= MAX_LISTED) numbers.set(slot, [...data]);
    return [slot, tensor(data.slice(), [...shape], dtype)] as const;
  });
  const bodies = new Map<Instruction, LoadedBlock>();
  for (const instruction of block.instructions) {
    if (instruction.kind === 'loop') bodies.set(instruction, loadBlock(instruction.body));
    else operationOf(instruction.op);
  }
  return { block, constants, numbers, bodies };
}

/** Disposes the constants of a block. */
export function disposeBlock({ constants, bodies }: LoadedBlock): void {
  for (const [, value] of constants) value.dispose();
  for (const body of bodies.values()) disposeBlock(body);
}

/**
 * Runs a block on its inputs, which stay the caller's. The results are the caller's to dispose.
 *
 * @throws UnknownOperationError
 */
export function runBlock(loaded: LoadedBlock, inputs: readonly Tensor[]): Tensor[] {
  const { block, constants, numbers, bodies } = loaded;
  const slots = new Array<Tensor>(block.numSlots);
  for (const [slot, value] of constants) slots[slot] = value;
  block.inputs.forEach((slot, i) => (slots[slot] = inputs[i]!));
  for (const instruction of block.instructions) {
    const operands = instruction.inputs.map((slot) => slots[slot]!);
    const results =
      instruction.kind === 'loop'
        ? runLoop(bodies.get(instruction)!, instruction.times, operands)
        : runOperation(instruction, operands, numbers);
    instruction.outputs.forEach((slot, i) => (slots[slot] = results[i]!));
    for (const slot of instruction.frees) slots[slot]!.dispose();
  }
  return block.outputs.map((slot) => slots[slot]!);
}

function runOperation(
  { op, attrs, inputs: from }: Extract<Instruction, { kind: 'op' }>,
  inputs: readonly Tensor[],
  constants: ReadonlyMap<Slot, readonly number[]>,
): readonly Tensor[] {
  const numbers = (operand: number): readonly number[] => {
    const known = constants.get(from[operand]!);
    if (known === undefined) throw new NotConstantError();
    return known;
  };
  const isConstant = (operand: number) => constants.has(from[operand]!);
  const results: { value: readonly Tensor[] } = { value: [] };
  try {
    tidy(() => {
      const made = operationOf(op)({ inputs, attrs, numbers, isConstant });
      results.value = Array.isArray(made) ? (made as readonly Tensor[]) : [made as Tensor];
      return results.value as Tensor[];
    });
  } catch (error) {
    if (error instanceof UnknownOperationError) throw error;
    throw new UnknownOperationError(op, explain(error));
  }
  return results.value;
}

function explain(error: unknown): string {
  if (error instanceof NotConstantError) return 'one of its sizes is computed by the model';
  return error instanceof Error ? error.message : String(error);
}

function runLoop(body: LoadedBlock, times: number, operands: readonly Tensor[]): Tensor[] {
  const captured = operands.slice(body.block.outputs.length);
  let state = runBlock(body, operands);
  for (let i = 1; i < times; i++) {
    const previous = state;
    state = runBlock(body, [...previous, ...captured]);
    for (const value of previous) value.dispose();
  }
  return state;
}

function operationOf(op: string): RawOp {
  const found = RAW_OPS[op];
  if (found === undefined) {
    throw new UnknownOperationError(op, 'TF.js has no kernel for it in a browser');
  }
  return found;
}
