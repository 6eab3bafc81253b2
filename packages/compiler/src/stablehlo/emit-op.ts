/** StableHLO text of each op. */
import type { Node, Value, ValueSpec } from '../graph/graph.ts';
import {
  isBinary,
  isUnary,
  type BinaryOp,
  type CompareDirection,
  type Reduction,
  type UnaryOp,
} from '../graph/op.ts';

import { attentionCall, type AttentionNode } from './cudnn-attention.ts';
import { emitDot } from './emit-dot.ts';
import { emitRounding } from './emit-rounding.ts';
import type { LibraryProducts, Rounding } from './lowered-program.ts';
import { denseLiteral, functionType, tensorType } from './types.ts';

/** Where lines go. Names of values are without the `%`-less part: `%12`. */
export interface Emitter {
  readonly libraryProducts: LibraryProducts;
  readonly rounding: Rounding;
  name(value: Value): string;
  /** A fresh name. */
  fresh(): string;
  line(text: string): void;
  /** Gives `value` the result of an expression. */
  define(value: Value, expression: string): void;
  /** Gives each of `values` one result of an expression that has `count` of them, in order. */
  defineAll(values: readonly Value[], count: number, expression: string): void;
  /** Values that are stored, if the compiler fuses too far otherwise. */
  barrier(values: readonly Value[], outputs: readonly Value[]): void;
  /** Values that later passes of the compiler can't see through, none before all are computed. */
  fence(values: readonly Value[], outputs: readonly Value[]): void;
  /** A scalar constant, emitted where it is used. */
  scalar(literal: string, dtype: ValueSpec['dtype']): string;
}

type NodeWith<K extends Node['op']> = Extract<Node, { op: K }>;
type SimpleOp = Exclude<Node['op'], UnaryOp | BinaryOp | 'while'>;

const UNARY: Record<Exclude<UnaryOp, 'sigmoid' | 'erf'>, string> = {
  abs: 'abs',
  ceil: 'ceil',
  cosine: 'cosine',
  exponential: 'exponential',
  exponentialMinusOne: 'exponential_minus_one',
  floor: 'floor',
  log: 'log',
  logPlusOne: 'log_plus_one',
  negate: 'negate',
  not: 'not',
  roundNearestEven: 'round_nearest_even',
  rsqrt: 'rsqrt',
  sign: 'sign',
  sine: 'sine',
  sqrt: 'sqrt',
  tan: 'tan',
  tanh: 'tanh',
};

const DIRECTIONS: Record<CompareDirection, string> = {
  eq: 'EQ',
  ne: 'NE',
  lt: 'LT',
  le: 'LE',
  gt: 'GT',
  ge: 'GE',
};

/** The region's operation, and where reduction starts: per kind, for float and for int32. */
const REDUCTIONS: Record<Reduction, { op: string; float: string; int: string; bool: string }> = {
  sum: { op: 'add', float: '0.0', int: '0', bool: '' },
  product: { op: 'multiply', float: '1.0', int: '1', bool: '' },
  max: { op: 'maximum', float: '0xFF800000', int: '-2147483648', bool: '' },
  min: { op: 'minimum', float: '0x7F800000', int: '2147483647', bool: '' },
  and: { op: 'and', float: '', int: '', bool: 'true' },
  or: { op: 'or', float: '', int: '', bool: 'false' },
};

/** All devices together, in their order. */
function replicaGroup(devices: number): string {
  const ids = Array.from({ length: devices }, (_, i) => i);
  return `replica_groups = dense<[${list(ids)}]> : tensor<1x${devices}xi64>`;
}

const list = (numbers: readonly number[]) => `[${numbers.join(', ')}]`;

/** Emits any op but `while`. */
export function emitOp(node: Exclude<Node, { op: 'while' }>, e: Emitter): void {
  const output = node.outputs[0]!;
  if (isUnary(node.op)) {
    emitUnary(node.op, node.inputs[0]!, output, e);
  } else if (isBinary(node.op)) {
    const operands = node.inputs.map((input) => e.name(input)).join(', ');
    e.define(output, `stablehlo.${node.op} ${operands} : ${tensorType(output)}`);
  } else {
    (EMITTERS[node.op] as (node: Node, e: Emitter) => void)(node, e);
  }
}

function emitUnary(op: UnaryOp, x: Value, output: Value, e: Emitter): void {
  const type = tensorType(output);
  if (op === 'sigmoid') {
    emitSigmoid(x, output, e);
  } else if (op === 'erf') {
    e.define(output, `chlo.erf ${e.name(x)} : ${type} -> ${type}`);
  } else {
    e.define(output, `stablehlo.${UNARY[op]} ${e.name(x)} : ${type}`);
  }
}

/** sigmoid x = tanh(x/2)/2 + 1/2: XLA's CPU code for tanh is the faster one (measured). */
function emitSigmoid(x: Value, output: Value, e: Emitter): void {
  const type = tensorType(output);
  const half = e.fresh();
  const scalar = e.scalar('0.5', output.dtype);
  const spread = functionType([{ shape: [], dtype: output.dtype }], [output]);
  e.line(`${half} = stablehlo.broadcast_in_dim ${scalar}, dims = [] : ${spread}`);
  const [scaled, tanh, scaledBack] = [e.fresh(), e.fresh(), e.fresh()];
  e.line(`${scaled} = stablehlo.multiply ${e.name(x)}, ${half} : ${type}`);
  e.line(`${tanh} = stablehlo.tanh ${scaled} : ${type}`);
  e.line(`${scaledBack} = stablehlo.multiply ${tanh}, ${half} : ${type}`);
  e.define(output, `stablehlo.add ${scaledBack}, ${half} : ${type}`);
}

function emitAttention(node: AttentionNode, e: Emitter): void {
  const call = attentionCall(node, (value) => e.name(value));
  e.defineAll(node.outputs, node.outputs.length + 1, call);
}

const EMITTERS: { [K in SimpleOp]: (node: NodeWith<K>, e: Emitter) => void } = {
  constant({ outputs: [output], attrs: { data } }, e) {
    const literal = denseLiteral(data, output!);
    e.define(output!, `stablehlo.constant dense<${literal}> : ${tensorType(output!)}`);
  },

  iota({ outputs: [output], attrs: { axis } }, e) {
    e.define(output!, `stablehlo.iota dim = ${axis} : ${tensorType(output!)}`);
  },

  broadcastInDim({ inputs, outputs, attrs: { axes } }, e) {
    const type = functionType(inputs, outputs);
    const x = e.name(inputs[0]!);
    e.define(outputs[0]!, `stablehlo.broadcast_in_dim ${x}, dims = ${list(axes)} : ${type}`);
  },

  reshape({ inputs, outputs }, e) {
    const type = functionType(inputs, outputs);
    e.define(outputs[0]!, `stablehlo.reshape ${e.name(inputs[0]!)} : ${type}`);
  },

  transpose({ inputs, outputs, attrs: { permutation } }, e) {
    const type = functionType(inputs, outputs);
    const x = e.name(inputs[0]!);
    e.define(outputs[0]!, `stablehlo.transpose ${x}, dims = ${list(permutation)} : ${type}`);
  },

  slice({ inputs, outputs, attrs: { start, limit, strides } }, e) {
    const ranges = start.map((at, axis) => `${at}:${limit[axis]}:${strides[axis]}`).join(', ');
    const type = functionType(inputs, outputs);
    e.define(outputs[0]!, `stablehlo.slice ${e.name(inputs[0]!)} [${ranges}] : ${type}`);
  },

  pad({ inputs, outputs, attrs: { low, high } }, e) {
    const [x, fill] = inputs.map((input) => e.name(input));
    const interior = list(low.map(() => 0));
    const counts = `low = ${list(low)}, high = ${list(high)}, interior = ${interior}`;
    const type = functionType(inputs, outputs);
    e.define(outputs[0]!, `stablehlo.pad ${x}, ${fill}, ${counts} : ${type}`);
  },

  concatenate({ inputs, outputs, attrs: { axis } }, e) {
    const operands = inputs.map((input) => e.name(input)).join(', ');
    const type = functionType(inputs, outputs);
    e.define(outputs[0]!, `stablehlo.concatenate ${operands}, dim = ${axis} : ${type}`);
  },

  reverse({ inputs, outputs, attrs: { axes } }, e) {
    const x = e.name(inputs[0]!);
    e.define(
      outputs[0]!,
      `stablehlo.reverse ${x}, dims = ${list(axes)} : ${tensorType(outputs[0]!)}`,
    );
  },

  gatherRows({ inputs, outputs }, e) {
    const [rows, ids] = inputs as [Value, Value];
    const rest = rows.shape.slice(1);
    const offsets = list(rest.map((_, i) => i + 1));
    const dimensions =
      `#stablehlo.gather<offset_dims = ${offsets}, collapsed_slice_dims = [0], ` +
      'start_index_map = [0], index_vector_dim = 1>';
    const sizes = `slice_sizes = array<i64: ${[1, ...rest].join(', ')}>`;
    const type = functionType(inputs, outputs);
    e.define(
      outputs[0]!,
      `"stablehlo.gather"(${e.name(rows)}, ${e.name(ids)}) <{dimension_numbers = ${dimensions}, ` +
        `${sizes}, indices_are_sorted = false}> : ${type}`,
    );
  },

  scatterRows({ inputs, outputs, attrs: { combine } }, e) {
    const [rows, ids, updates] = inputs.map((input) => e.name(input));
    const window = list(outputs[0]!.shape.slice(1).map((_, i) => i + 1));
    const dimensions =
      `#stablehlo.scatter<update_window_dims = ${window}, inserted_window_dims = [0], ` +
      'scatter_dims_to_operand_dims = [0], index_vector_dim = 1>';
    const scalar = tensorType({ shape: [], dtype: outputs[0]!.dtype });
    const [old, update, combined] = [e.fresh(), e.fresh(), e.fresh()];
    const result = combine === 'add' ? combined : update;
    e.define(
      outputs[0]!,
      `"stablehlo.scatter"(${rows}, ${ids}, ${updates}) <{scatter_dimension_numbers = ` +
        `${dimensions}, indices_are_sorted = false, unique_indices = false}> ({`,
    );
    e.line(`^bb0(${old}: ${scalar}, ${update}: ${scalar}):`);
    if (combine === 'add') e.line(`${combined} = stablehlo.add ${old}, ${update} : ${scalar}`);
    e.line(`stablehlo.return ${result} : ${scalar}`);
    e.line(`}) : ${functionType(inputs, outputs)}`);
  },

  dot: emitDot,

  reduce({ inputs: [x], outputs: [output], attrs: { kind, axes } }, e) {
    const { op, float, int, bool } = REDUCTIONS[kind];
    const { dtype } = x!;
    const identity = dtype === 'bool' ? bool : dtype === 'int32' ? int : float;
    const start = { shape: [], dtype };
    const init = e.scalar(identity, dtype);
    e.define(
      output!,
      `stablehlo.reduce(${e.name(x!)} init: ${init}) applies stablehlo.${op} across dimensions = ` +
        `${list(axes)} : ${functionType([x!, start], [output!])}`,
    );
  },

  compare({ inputs, outputs, attrs: { direction } }, e) {
    const [a, b] = inputs.map((input) => e.name(input));
    const { dtype } = inputs[0]!;
    const kind = dtype === 'bool' ? 'UNSIGNED' : dtype === 'int32' ? 'SIGNED' : 'FLOAT';
    const type = functionType(inputs, outputs);
    e.define(
      outputs[0]!,
      `stablehlo.compare ${DIRECTIONS[direction]}, ${a}, ${b}, ${kind} : ${type}`,
    );
  },

  select({ inputs, outputs }, e) {
    const operands = inputs.map((input) => e.name(input)).join(', ');
    const types = `${tensorType(inputs[0]!)}, ${tensorType(outputs[0]!)}`;
    e.define(outputs[0]!, `stablehlo.select ${operands} : ${types}`);
  },

  convert({ inputs, outputs }, e) {
    const [x] = inputs as [Value];
    const [output] = outputs as [Value];
    if (e.rounding === 'bits' && x.dtype === 'float32' && output.dtype === 'bfloat16') {
      emitRounding(x, output, e);
      return;
    }
    const type = functionType(inputs, outputs);
    // StableHLO converts to i1 by "not zero" as well, but float NaN is only defined by a comparison.
    if (output.dtype !== 'bool') {
      e.define(output, `stablehlo.convert ${e.name(x)} : ${type}`);
      return;
    }
    const kind = x.dtype === 'int32' ? 'SIGNED' : 'FLOAT';
    const zero = e.scalar(x.dtype === 'int32' ? '0' : '0.0', x.dtype);
    const zeros = e.fresh();
    const spread = functionType([{ shape: [], dtype: x.dtype }], [x]);
    e.line(`${zeros} = stablehlo.broadcast_in_dim ${zero}, dims = [] : ${spread}`);
    e.define(
      output,
      `stablehlo.compare NE, ${e.name(x)}, ${zeros}, ${kind} : ${functionType([x, x], [output])}`,
    );
  },

  attention: emitAttention,
  attentionGradient: emitAttention,

  allReduce({ inputs: [x], outputs: [output], attrs: { devices } }, e) {
    const scalar = tensorType({ shape: [], dtype: output!.dtype });
    const [a, b, sum] = [e.fresh(), e.fresh(), e.fresh()];
    e.define(output!, `"stablehlo.all_reduce"(${e.name(x!)}) <{${replicaGroup(devices)}}> ({`);
    e.line(`^bb0(${a}: ${scalar}, ${b}: ${scalar}):`);
    e.line(`${sum} = stablehlo.add ${a}, ${b} : ${scalar}`);
    e.line(`stablehlo.return ${sum} : ${scalar}`);
    e.line(`}) : ${functionType([x!], [output!])}`);
  },

  allGather({ inputs: [x], outputs: [output], attrs: { devices } }, e) {
    e.define(
      output!,
      `"stablehlo.all_gather"(${e.name(x!)}) <{all_gather_dim = 0 : i64, ` +
        `${replicaGroup(devices)}}> : ${functionType([x!], [output!])}`,
    );
  },

  barrier({ inputs, outputs }, e) {
    e.barrier(inputs, outputs);
  },

  fence({ inputs, outputs }, e) {
    e.fence(inputs, outputs);
  },

  precision(node) {
    throw new Error(`a precision mark is left in the graph: run optimise first (${node.op})`);
  },
};
