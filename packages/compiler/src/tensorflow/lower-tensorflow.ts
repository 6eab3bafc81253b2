/** Writes a graph as instructions for TensorFlow; shapes are settled here. */
import { InternalError } from '@eddy/tensor/errors';
import { sizeOf, type DType } from '@eddy/tensor/spec';

import type { Graph, Node, Value } from '../graph/graph.ts';
import { UnsupportedOpError } from '../ops/define/op.ts';
import { broadcastShape } from '../ops/define/rules.ts';
import type {
  Compact,
  InstructionBuilder,
  Slot,
  TensorflowAttrs,
} from '../ops/define/tensorflow.ts';
import { sameShape, type ConstantData, type Region } from '../ops/define/value.ts';
import { opOf } from '../ops/index.ts';
import { tensorflowUnsupportedOp } from './errors.ts';
import type { Block, BlockConstant, Instruction } from './block.ts';

/** Constants of at most this many elements are kept once where they are equal. */
const MAX_SHARED_ELEMENTS = 16;

/**
 * A graph whose precision is settled as float32, as instructions.
 *
 * @throws TENSORFLOW_UNSUPPORTED_OP for what TensorFlow has no operation for.
 */
export function lowerTensorflow(graph: Graph): Block {
  return new BlockWriter().block(graph);
}

class BlockWriter implements InstructionBuilder {
  readonly #values = new Map<Value, Compact>();
  readonly #constants: BlockConstant[] = [];
  readonly #constantSlots = new Map<string, Slot>();
  readonly #instructions: Instruction[] = [];
  #numSlots = 0;

  block(graph: Graph): Block {
    const inputs = graph.inputs.map((input) => {
      const slot = this.#numSlots++;
      this.#define(input, { slot, shape: input.shape });
      return slot;
    });
    for (const node of graph.nodes) {
      const results = this.#written(node);
      node.outputs.forEach((output, i) => {
        this.#define(output, results[i]!);
      });
    }
    const outputs = this.#ownSlots(graph.outputs.map((output) => this.full(output)));
    return {
      numSlots: this.#numSlots,
      constants: this.#constants,
      inputs,
      instructions: withFrees(this.#instructions, outputs),
      outputs,
    };
  }

  #written(node: Node): readonly Compact[] {
    try {
      return opOf(node.op).tensorflow(node as never, this);
    } catch (error) {
      if (!(error instanceof UnsupportedOpError)) throw error;
      throw tensorflowUnsupportedOp(error.op, error.because, node.outputs[0]!);
    }
  }

  compact(value: Value): Compact {
    const compact = this.#values.get(value);
    if (compact === undefined) throw new InternalError('a value is used before it is made');
    return compact;
  }

  full(value: Value): Slot {
    const { slot, shape } = this.compact(value);
    if (sameShape(shape, value.shape)) return slot;
    const whole =
      sizeOf(shape) === sizeOf(value.shape)
        ? this.reshape(slot, value.shape)
        : this.emit('BroadcastTo', [slot, this.ints(value.shape)]);
    this.#define(value, { slot: whole, shape: value.shape });
    return whole;
  }

  aligned(value: Value): Compact {
    const { slot, shape } = this.compact(value);
    const missing = value.shape.length - shape.length;
    if (missing === 0) return { slot, shape };
    const all = [...Array.from({ length: missing }, () => 1), ...shape];
    return { slot: this.reshape(slot, all), shape: all };
  }

  reshape(slot: Slot, shape: readonly number[]): Slot {
    return this.emit('Reshape', [slot, this.ints(shape)]);
  }

  elementWise(op: string, operands: readonly Compact[]): Compact {
    const shape = operands.reduce<readonly number[]>((all, x) => broadcastShape(all, x.shape), []);
    const slot = this.emit(
      op,
      operands.map((operand) => operand.slot),
    );
    return { slot, shape };
  }

  emit(op: string, inputs: readonly Slot[], attrs: TensorflowAttrs = {}): Slot {
    return this.emitAll(op, inputs, 1, attrs)[0]!;
  }

  emitAll(op: string, inputs: readonly Slot[], count: number, attrs: TensorflowAttrs = {}): Slot[] {
    const outputs = Array.from({ length: count }, () => this.#numSlots++);
    this.#instructions.push({ kind: 'op', op, attrs, inputs, outputs, frees: [] });
    return outputs;
  }

  loop(times: number, region: Region, inputs: readonly Slot[]): readonly Slot[] {
    const body = lowerTensorflow(region as Graph);
    const outputs = body.outputs.map(() => this.#numSlots++);
    this.#instructions.push({ kind: 'loop', times, body, inputs, outputs, frees: [] });
    return outputs;
  }

  constant(data: ConstantData, shape: readonly number[], dtype: DType): Slot {
    const small = data.length <= MAX_SHARED_ELEMENTS;
    const key = `${dtype} ${shape.join(',')} ${small ? Array.from(data, printExactly).join() : ''}`;
    const known = small ? this.#constantSlots.get(key) : undefined;
    if (known !== undefined) return known;
    const slot = this.#numSlots++;
    this.#constants.push({ slot, shape, dtype, data });
    if (small) this.#constantSlots.set(key, slot);
    return slot;
  }

  ints(values: readonly number[]): Slot {
    return this.constant(Int32Array.from(values), [values.length], 'int32');
  }

  scalar(value: number, dtype: DType): Compact {
    const data = dtype === 'float32' ? Float32Array.of(value) : Int32Array.of(value);
    return { slot: this.constant(data, [], dtype), shape: [] };
  }

  #define(value: Value, compact: Compact): void {
    this.#values.set(value, compact);
  }

  /** Results belong to the caller, so that each needs a handle that is nobody else's. */
  #ownSlots(slots: readonly Slot[]): Slot[] {
    const made = new Set(this.#instructions.flatMap(({ outputs }) => [...outputs]));
    return slots.map((slot) => (made.delete(slot) ? slot : this.emit('Identity', [slot])));
  }
}

function printExactly(x: number): string {
  return Object.is(x, -0) ? '-0' : String(x);
}

/** Frees each slot that an instruction wrote after its last use. */
function withFrees(instructions: readonly Instruction[], outputs: readonly Slot[]): Instruction[] {
  const kept = new Set(outputs);
  const lastUse = new Map<Slot, number>();
  instructions.forEach((instruction, i) => {
    for (const slot of instruction.outputs) lastUse.set(slot, i);
    for (const slot of instruction.inputs) if (lastUse.has(slot)) lastUse.set(slot, i);
  });
  const frees = instructions.map((): Slot[] => []);
  for (const [slot, i] of lastUse) if (!kept.has(slot)) frees[i]!.push(slot);
  return instructions.map((instruction, i) => ({ ...instruction, frees: frees[i]! }));
}
