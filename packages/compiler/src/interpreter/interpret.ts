/** Evaluates a graph on host arrays: what graphs mean, not how fast they can run. */
import { InternalError, sizeOf, type HostTensor, type HostTree } from '@eddy/tensor';

import type { Graph, Node, TracedGraph, Value, ValueSpec } from '../graph/graph.ts';
import { isBinary, isUnary, type BinaryOp, type GraphDType, type UnaryOp } from '../graph/op.ts';

import { attention, attentionGradient } from './attention.ts';
import { coordinates, stridesOf } from './layout.ts';
import {
  compared,
  converted,
  reduction,
  roundToBfloat16,
  scalarFunction,
  stored,
  type Arithmetic,
} from './scalar-ops.ts';

/** Elements in row-major order; bfloat16 as float32 values that bfloat16 can hold. */
export type Elements = Float32Array | Float64Array | Int32Array | Uint8Array;

/** Runs a traced program; both results by name. */
export function interpret(
  traced: TracedGraph,
  state: HostTree,
  inputs: HostTree,
): { readonly state: HostTree; readonly outputs: HostTree } {
  const operands = traced.arguments.map(({ name, kind }) => {
    const tensor = (kind === 'state' ? state : inputs)[name];
    if (tensor !== undefined) return tensor.data;
    throw new InternalError(`${traced.name}: no value for ${kind} ${name}`);
  });
  const values = interpretGraph(traced.graph, operands);
  const newState: Record<string, HostTensor> = {};
  const outputs: Record<string, HostTensor> = {};
  traced.results.forEach(({ name, kind, spec }, i) => {
    const tree = kind === 'state' ? newState : outputs;
    tree[name] = { ...spec, data: values[i] as HostTensor['data'] };
  });
  return { state: newState, outputs };
}

/** Runs a graph on its inputs. In `float64` arithmetic, floating point values are Float64Arrays. */
export function interpretGraph(
  graph: Graph,
  operands: readonly Elements[],
  arithmetic: Arithmetic = 'float32',
): Elements[] {
  const values = new Map<Value, Elements>();
  graph.inputs.forEach((input, i) => values.set(input, operands[i]!));
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((input) => values.get(input)!);
    const results = evaluate(node, inputs, arithmetic);
    results.forEach((elements, i) => values.set(node.outputs[i]!, elements));
  }
  return graph.outputs.map((output) => values.get(output)!);
}

function evaluate(node: Node, inputs: readonly Elements[], arithmetic: Arithmetic): Elements[] {
  if (node.op === 'while') {
    const { times, body } = node.attrs;
    let state = inputs.slice(0, body.outputs.length);
    const captured = inputs.slice(body.outputs.length);
    for (let i = 0; i < times; i++) {
      state = interpretGraph(body, [...state, ...captured], arithmetic);
    }
    return state;
  }
  if (node.op === 'fence') return [...inputs];
  if (node.op === 'attention' || node.op === 'attentionGradient') {
    const results = attentionResults(node, inputs);
    return node.outputs.map((spec, i) =>
      new ResultMaker(spec, arithmetic).generate((at) => results[i]![at]!),
    );
  }
  const output = new ResultMaker(node.outputs[0]!, arithmetic);
  if (isUnary(node.op) || isBinary(node.op)) {
    const f = scalarFunction(node.op, output.dtype, arithmetic);
    const [x, y] = inputs as [Elements, Elements | undefined];
    return [output.generate((i) => f(x[i]!, y?.[i] ?? 0))];
  }
  return [(EVALUATORS[node.op] as Evaluator<StructuredOp>)(node as never, inputs, output)];
}

type AttentionOp = 'attention' | 'attentionGradient';

function attentionResults(
  { op, inputs: [q], attrs: { scale } }: NodeWith<AttentionOp>,
  inputs: readonly Elements[],
): readonly Elements[] {
  if (op === 'attentionGradient') return attentionGradient(inputs, q!.shape, scale);
  const { value, rowSums } = attention(inputs, q!.shape, scale);
  return [value, rowSums];
}

type StructuredOp = Exclude<Node['op'], UnaryOp | BinaryOp | AttentionOp | 'fence' | 'while'>;
type NodeWith<K> = Extract<Node, { op: K }>;
type Evaluator<K> = (
  node: NodeWith<K>,
  inputs: readonly Elements[],
  output: ResultMaker,
) => Elements;

/** Makes the elements of one result. */
class ResultMaker implements ValueSpec {
  readonly shape: readonly number[];
  readonly dtype: GraphDType;
  readonly arithmetic: Arithmetic;

  constructor({ shape, dtype }: ValueSpec, arithmetic: Arithmetic) {
    this.shape = shape;
    this.dtype = dtype;
    this.arithmetic = arithmetic;
  }

  generate(element: (index: number) => number): Elements {
    const elements = this.allocate();
    for (let i = 0; i < elements.length; i++) elements[i] = element(i);
    return elements;
  }

  /** Each element is one element of an operand, at the coordinates that `source` gives. */
  rearrange(x: Elements, from: ValueSpec, source: (at: number[]) => number[]): Elements {
    const strides = stridesOf(from.shape);
    return this.generate((i) => x[offset(source(coordinates(i, this.shape)), strides)]!);
  }

  /** Rounded to the dtype. */
  stored(x: number): number {
    return this.arithmetic === 'float64' && this.dtype === 'float32' ? x : stored(x, this.dtype);
  }

  private allocate(): Elements {
    const size = sizeOf(this.shape);
    if (this.dtype === 'int32') return new Int32Array(size);
    if (this.dtype === 'bool') return new Uint8Array(size);
    return this.arithmetic === 'float64' ? new Float64Array(size) : new Float32Array(size);
  }
}

function offset(at: readonly number[], strides: readonly number[]): number {
  return at.reduce((sum, index, axis) => sum + index * strides[axis]!, 0);
}

function clampRow(id: number, rows: number): number {
  return Math.min(Math.max(id, 0), rows - 1);
}

/** One device's meaning is not defined without the others. */
function onSeveralDevices({ op }: Node): never {
  throw new InternalError(`the interpreter runs one device, and ${op} needs the others`);
}

const EVALUATORS: { [K in StructuredOp]: Evaluator<K> } = {
  constant: ({ attrs }) => attrs.data,

  iota: ({ attrs }, _inputs, output) =>
    output.generate((i) => coordinates(i, output.shape)[attrs.axis]!),

  broadcastInDim: ({ inputs: [x], attrs: { axes } }, [data], output) =>
    output.rearrange(data!, x!, (at) => axes.map((axis, i) => (x!.shape[i] === 1 ? 0 : at[axis]!))),

  reshape: (_node, [data]) => data!,

  transpose: ({ inputs: [x], attrs: { permutation } }, [data], output) =>
    output.rearrange(data!, x!, (at) => x!.shape.map((_, axis) => at[permutation.indexOf(axis)]!)),

  slice: ({ inputs: [x], attrs: { start, strides } }, [data], output) =>
    output.rearrange(data!, x!, (at) => at.map((i, axis) => start[axis]! + i * strides[axis]!)),

  pad: ({ inputs: [x], attrs: { low } }, [data, fill], output) => {
    const strides = stridesOf(x!.shape);
    return output.generate((i) => {
      const at = coordinates(i, output.shape).map((index, axis) => index - low[axis]!);
      const inside = at.every((index, axis) => index >= 0 && index < x!.shape[axis]!);
      return inside ? data![offset(at, strides)]! : fill![0]!;
    });
  },

  concatenate: ({ inputs, attrs: { axis } }, data, output) => {
    const strides = inputs.map(({ shape }) => stridesOf(shape));
    return output.generate((i) => {
      const at = coordinates(i, output.shape);
      let part = 0;
      while (at[axis]! >= inputs[part]!.shape[axis]!) {
        at[axis]! -= inputs[part]!.shape[axis]!;
        part++;
      }
      return data[part]![offset(at, strides[part]!)]!;
    });
  },

  reverse: ({ inputs: [x], attrs: { axes } }, [data], output) =>
    output.rearrange(data!, x!, (at) =>
      at.map((i, axis) => (axes.includes(axis) ? x!.shape[axis]! - 1 - i : i)),
    ),

  gatherRows: ({ inputs: [rows] }, [data, ids], output) =>
    output.rearrange(data!, rows!, ([row, ...rest]) => [
      clampRow(ids![row!]!, rows!.shape[0]!),
      ...rest,
    ]),

  scatterRows: ({ inputs: [rows], attrs: { combine } }, [data, ids, updates], output) => {
    const result = output.generate((i) => data![i]!);
    const rowSize = sizeOf(rows!.shape.slice(1));
    ids!.forEach((id, n) => {
      if (id < 0 || id >= rows!.shape[0]!) return;
      for (let i = 0; i < rowSize; i++) {
        const update = updates![n * rowSize + i]!;
        const at = id * rowSize + i;
        result[at] = combine === 'add' ? output.stored(result[at]! + update) : update;
      }
    });
    return result;
  },

  dot: ({ inputs: [a, b], attrs: { batch, contract } }, [left, right], output) => {
    const free = (x: ValueSpec, side: 0 | 1) =>
      x.shape.flatMap((_, i) => (batch[side].includes(i) || contract[side].includes(i) ? [] : [i]));
    const freeAxes = [free(a!, 0), free(b!, 1)] as const;
    const strides = [stridesOf(a!.shape), stridesOf(b!.shape)] as const;
    const along = (axes: readonly number[], side: 0 | 1, at: readonly number[]) =>
      axes.reduce((sum, axis, i) => sum + at[i]! * strides[side][axis]!, 0);
    const contracted = contract[0].map((axis) => a!.shape[axis]!);
    const steps = Array.from({ length: sizeOf(contracted) }, (_, k) => {
      const at = coordinates(k, contracted);
      return [along(contract[0], 0, at), along(contract[1], 1, at)] as const;
    });
    const numBatch = batch[0].length;
    const numLeft = freeAxes[0].length;
    return output.generate((i) => {
      const at = coordinates(i, output.shape);
      const shared = at.slice(0, numBatch);
      const x = along(batch[0], 0, shared) + along(freeAxes[0], 0, at.slice(numBatch));
      const y = along(batch[1], 1, shared) + along(freeAxes[1], 1, at.slice(numBatch + numLeft));
      const isInt = output.dtype === 'int32';
      const sum = steps.reduce((total, [dx, dy]) => {
        const [p, q] = [left![x + dx]!, right![y + dy]!];
        return isInt ? (total + Math.imul(p, q)) | 0 : total + p * q;
      }, 0);
      return output.stored(sum);
    });
  },

  reduce: ({ inputs: [x], attrs: { kind, axes } }, [data], output) => {
    const { op, identity } = reduction(kind, output.dtype);
    const f = scalarFunction(op, output.dtype, output.arithmetic);
    const result = output.generate(() => identity);
    const kept = x!.shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
    const strides = stridesOf(output.shape);
    data!.forEach((element, i) => {
      const at = coordinates(i, x!.shape);
      const to = kept.reduce((sum, axis, k) => sum + at[axis]! * strides[k]!, 0);
      result[to] = f(result[to]!, element);
    });
    return result;
  },

  compare: ({ attrs: { direction } }, [a, b], output) =>
    output.generate((i) => compared(direction, a![i]!, b![i]!)),

  select: (_node, [condition, a, b], output) =>
    output.generate((i) => (condition![i] === 0 ? b![i]! : a![i]!)),

  convert: (_node, [data], output) =>
    output.generate((i) =>
      output.dtype === 'float32' ? output.stored(data![i]!) : converted(data![i]!, output.dtype),
    ),

  allReduce: onSeveralDevices,
  allGather: onSeveralDevices,

  barrier: (_node, [data], output) => output.generate((i) => data![i]!),

  // A mark that no pass obeyed rounds all the same: that is what it asks for.
  precision: (_node, [data], output) => output.generate((i) => roundToBfloat16(data![i]!)),
};
