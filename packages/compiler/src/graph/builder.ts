import type { DType } from '@eddy/tensor/spec';

import { InvalidNodeError } from '../ops/define/errors.ts';
import type { NoAttrs, PerName } from '../ops/define/op.ts';
import { broadcastShape } from '../ops/define/rules.ts';
import { sameShape, type ConstantData, type GraphDType } from '../ops/define/value.ts';
import {
  opOf,
  type BinaryOp,
  type CompareDirection,
  type OneResultOp,
  type OpName,
  type OPS,
  type Reduction,
} from '../ops/index.ts';
import type { Graph, Node, OpAttrs, Value, ValueSpec } from './graph.ts';
import { printSpec } from './print.ts';

type AttrsArgument<K extends OpName> = NoAttrs extends OpAttrs[K]
  ? [attrs?: OpAttrs[K]]
  : [attrs: OpAttrs[K]];

/** Appends nodes to a graph, each checked by its op's rule. */
export class GraphBuilder {
  readonly inputs: Value[] = [];
  readonly nodes: Node[] = [];
  private readonly producers = new Map<Value, Node>();

  input(spec: ValueSpec): Value {
    const value = newValue(spec);
    this.inputs.push(value);
    return value;
  }

  finish(outputs: readonly Value[]): Graph {
    return { inputs: this.inputs, nodes: this.nodes, outputs };
  }

  /** The node that made a value; none for inputs. */
  producer(value: Value): Node | undefined {
    return this.producers.get(value);
  }

  /** Appends a node with one result. */
  emit<K extends OneResultOp>(
    op: K,
    inputs: readonly Value[],
    ...[attrs]: AttrsArgument<K>
  ): Value {
    return this.#append(op, inputs, attrs ?? {})[0]!;
  }

  /** Appends a node; as many values as the op has results. */
  append<K extends OpName>(
    op: K,
    inputs: readonly Value[],
    attrs: OpAttrs[K],
  ): PerName<(typeof OPS)[K]['results'], Value> {
    return this.#append(op, inputs, attrs) as PerName<(typeof OPS)[K]['results'], Value>;
  }

  #append(op: OpName, inputs: readonly Value[], attrs: object): readonly Value[] {
    const outputs = this.#infer(op, inputs, attrs).map(newValue);
    const node = { op, inputs, attrs, outputs } as unknown as Node;
    this.nodes.push(node);
    for (const output of outputs) this.producers.set(output, node);
    return outputs;
  }

  #infer(op: OpName, inputs: readonly Value[], attrs: object): readonly ValueSpec[] {
    try {
      return opOf(op).infer(inputs, attrs as never);
    } catch (error) {
      if (!(error instanceof InvalidNodeError)) throw error;
      throw new InvalidNodeError(error.rule, `${op}(${inputs.map(printSpec).join(', ')})`);
    }
  }

  /** A scalar literal. */
  scalar(value: number, dtype: DType = 'float32'): Value {
    return this.emit('constant', [], { shape: [], dtype, data: constantData([value], dtype) });
  }

  /** A scalar literal, spread. */
  fill(value: number, shape: readonly number[], dtype: DType = 'float32'): Value {
    return this.broadcast(this.scalar(value, dtype), shape);
  }

  /** A literal of the operand's shape and dtype. */
  fillLike(x: Value, value: number): Value {
    return this.fill(value, x.shape, hostDType(x.dtype));
  }

  /** Spreads by NumPy's rules: axes align at the end, size 1 stretches. */
  broadcast(x: Value, shape: readonly number[]): Value {
    if (sameShape(x.shape, shape)) return x;
    const offset = shape.length - x.shape.length;
    return this.emit('broadcastInDim', [x], { shape, axes: x.shape.map((_, i) => i + offset) });
  }

  reshape(x: Value, shape: readonly number[]): Value {
    return sameShape(x.shape, shape) ? x : this.emit('reshape', [x], { shape });
  }

  transpose(x: Value, permutation: readonly number[]): Value {
    return permutation.every((axis, i) => axis === i)
      ? x
      : this.emit('transpose', [x], { permutation });
  }

  convert(x: Value, dtype: GraphDType): Value {
    return x.dtype === dtype ? x : this.emit('convert', [x], { dtype });
  }

  /** An element-wise op on two operands of one dtype, spread to a common shape. */
  binary(op: BinaryOp, a: Value, b: Value): Value {
    const shape = broadcastShape(a.shape, b.shape);
    return this.emit(op, [this.broadcast(a, shape), this.broadcast(b, shape)]);
  }

  compare(direction: CompareDirection, a: Value, b: Value): Value {
    const shape = broadcastShape(a.shape, b.shape);
    return this.emit('compare', [this.broadcast(a, shape), this.broadcast(b, shape)], {
      direction,
    });
  }

  select(condition: Value, a: Value, b: Value): Value {
    const shape = broadcastShape(condition.shape, broadcastShape(a.shape, b.shape));
    return this.emit(
      'select',
      [condition, a, b].map((x) => this.broadcast(x, shape)),
    );
  }

  /** Reduces; the axes stay as size 1 where `keepDims`. */
  reduce(kind: Reduction, x: Value, axes: readonly number[], keepDims = false): Value {
    const reduced = axes.length === 0 ? x : this.emit('reduce', [x], { kind, axes });
    if (!keepDims) return reduced;
    return this.reshape(
      reduced,
      x.shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim)),
    );
  }

  /** Elements start … start + size on one axis. */
  sliceAxis(x: Value, axis: number, start: number, size: number): Value {
    if (start === 0 && size === x.shape[axis]) return x;
    const at = (value: number, rest: (i: number) => number) =>
      x.shape.map((_, i) => (i === axis ? value : rest(i)));
    return this.emit('slice', [x], {
      start: at(start, () => 0),
      limit: at(start + size, (i) => x.shape[i]!),
      strides: x.shape.map(() => 1),
    });
  }
}

function newValue({ shape, dtype }: ValueSpec): Value {
  return { shape, dtype };
}

/** The dtype in which host data of a value is given: bfloat16 has none of its own. */
export function hostDType(dtype: GraphDType): DType {
  return dtype === 'bfloat16' ? 'float32' : dtype;
}

export function constantData(values: ArrayLike<number>, dtype: DType): ConstantData {
  switch (dtype) {
    case 'float32':
      return Float32Array.from(values);
    case 'int32':
      return Int32Array.from(values);
    case 'bool':
      return Uint8Array.from(values, (x) => (x === 0 ? 0 : 1));
  }
}
