import { InternalError } from '@eddy/tensor/errors';
import { sizeOf, type DType } from '@eddy/tensor/spec';

import { broadcastShape } from '@eddy/compiler/graph';
import type { Graph, Value } from '@eddy/compiler/graph';
import { sameShape } from '@eddy/compiler/graph';
import type { ConstantData } from '@eddy/compiler/graph';

import { dtypeCode, encodeAttrs, type Attrs, type Binding, type Handle } from './binding.ts';
import type { Block, Instruction, Slot } from './block.ts';
import { emitNode } from './emit-node.ts';

/**
 * A value as it is kept: where it only repeats along an axis, with 1 there or without leading axes, so
 * that it becomes the value by NumPy's broadcasting. Element-wise operations broadcast by themselves.
 */
export interface Compact {
  readonly slot: Slot;
  readonly shape: readonly number[];
}

/** Writes a graph as instructions; shapes are settled here. */
export class BlockBuilder {
  readonly #binding: Binding;
  /** Attributes of every scatter. */
  readonly scatterAttrs: Attrs;
  readonly #values = new Map<Value, Compact>();
  readonly #constants = new Map<Slot, Handle>();
  readonly #constantSlots = new Map<string, Slot>();
  readonly #instructions: Instruction[] = [];
  #numSlots = 0;

  constructor(binding: Binding, scatterAttrs: Attrs) {
    this.#binding = binding;
    this.scatterAttrs = scatterAttrs;
  }

  build(graph: Graph): Block {
    const inputs = graph.inputs.map((input) => {
      const slot = this.#numSlots++;
      this.define(input, { slot, shape: input.shape });
      return slot;
    });
    for (const node of graph.nodes) emitNode(node, this);
    const outputs = this.#ownSlots(graph.outputs.map((output) => this.full(output)));
    return {
      numSlots: this.#numSlots,
      constants: [...this.#constants],
      inputs,
      instructions: withFrees(this.#instructions, outputs),
      outputs,
    };
  }

  define(value: Value, compact: Compact): void {
    this.#values.set(value, compact);
  }

  compact(value: Value): Compact {
    const compact = this.#values.get(value);
    if (compact === undefined) throw new InternalError('a value is used before it is made');
    return compact;
  }

  /** The value with all its elements. */
  full(value: Value): Slot {
    const { slot, shape } = this.compact(value);
    if (sameShape(shape, value.shape)) return slot;
    const whole =
      sizeOf(shape) === sizeOf(value.shape)
        ? this.reshape(slot, value.shape)
        : this.emit('BroadcastTo', [slot, this.ints(value.shape)]);
    this.define(value, { slot: whole, shape: value.shape });
    return whole;
  }

  /** The value with all its axes, of size 1 where it repeats. */
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

  /** An operation that broadcasts. */
  elementWise(op: string, operands: readonly Compact[]): Compact {
    const shape = operands.reduce<readonly number[]>((all, x) => broadcastShape(all, x.shape), []);
    const slot = this.emit(
      op,
      operands.map((operand) => operand.slot),
    );
    return { slot, shape };
  }

  emit(op: string, inputs: readonly Slot[], attrs: Attrs = {}): Slot {
    const slot = this.#numSlots++;
    const encoded = encodeAttrs(this.#binding, attrs);
    this.#instructions.push({ kind: 'op', op, attrs: encoded, inputs, outputs: [slot], frees: [] });
    return slot;
  }

  loop(times: number, graph: Graph, inputs: readonly Slot[]): readonly Slot[] {
    const body = new BlockBuilder(this.#binding, this.scatterAttrs).build(graph);
    const outputs = body.outputs.map(() => this.#numSlots++);
    this.#instructions.push({ kind: 'loop', times, body, inputs, outputs, frees: [] });
    return outputs;
  }

  constant(data: ConstantData, shape: readonly number[], dtype: DType): Slot {
    const small = data.length <= 16;
    const key = `${dtype} ${shape.join(',')} ${small ? Array.from(data, printExactly).join() : ''}`;
    const known = small ? this.#constantSlots.get(key) : undefined;
    if (known !== undefined) return known;
    const slot = this.#numSlots++;
    const handle = this.#binding.createTensor(shape, dtypeCode(this.#binding, dtype), data);
    this.#constants.set(slot, handle);
    if (small) this.#constantSlots.set(key, slot);
    return slot;
  }

  /** A list of integers, as TensorFlow takes shapes and axes. */
  ints(values: readonly number[]): Slot {
    return this.constant(Int32Array.from(values), [values.length], 'int32');
  }

  scalar(value: number, dtype: DType): Compact {
    const data = dtype === 'float32' ? Float32Array.of(value) : Int32Array.of(value);
    return { slot: this.constant(data, [], dtype), shape: [] };
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
