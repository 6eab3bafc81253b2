/** ONNX nodes of each op. */
import { sizeOf } from '@eddy/tensor';

import type { Node, Value } from '../graph/graph.ts';
import { sameShape } from '../graph/infer.ts';
import {
  isBinary,
  isUnary,
  type BinaryOp,
  type CompareDirection,
  type Reduction,
  type UnaryOp,
} from '../graph/op.ts';
import { onnxUnsupportedOp } from './errors.ts';
import { onnxDType, type GraphWriter } from './graph-writer.ts';
import { ONNX_DTYPES } from './onnx-proto.ts';

type NodeWith<K extends Node['op']> = Extract<Node, { op: K }>;
type SimpleOp = Exclude<Node['op'], UnaryOp | BinaryOp | 'fence' | 'while'>;

const UNARY: Partial<Record<UnaryOp, string>> = {
  abs: 'Abs',
  ceil: 'Ceil',
  cosine: 'Cos',
  erf: 'Erf',
  exponential: 'Exp',
  floor: 'Floor',
  log: 'Log',
  negate: 'Neg',
  not: 'Not',
  roundNearestEven: 'Round',
  sigmoid: 'Sigmoid',
  sign: 'Sign',
  sine: 'Sin',
  sqrt: 'Sqrt',
  tan: 'Tan',
  tanh: 'Tanh',
};

const BINARY: Partial<Record<BinaryOp, string>> = {
  add: 'Add',
  and: 'And',
  divide: 'Div',
  maximum: 'Max',
  minimum: 'Min',
  multiply: 'Mul',
  or: 'Or',
  power: 'Pow',
  subtract: 'Sub',
  xor: 'Xor',
};

const REDUCTIONS: Record<Reduction, string> = {
  sum: 'ReduceSum',
  max: 'ReduceMax',
  min: 'ReduceMin',
  product: 'ReduceProd',
  and: 'ReduceMin',
  or: 'ReduceMax',
};

const COMPARISONS: Record<CompareDirection, string> = {
  eq: 'Equal',
  ne: 'Equal',
  lt: 'Less',
  le: 'LessOrEqual',
  gt: 'Greater',
  ge: 'GreaterOrEqual',
};

/**
 * Emits any op but `while`.
 *
 * @throws ONNX_UNSUPPORTED_OP for what ONNX has no operator for (atan2, scatterRows)
 */
export function emitNode(node: Exclude<Node, { op: 'while' }>, w: GraphWriter): void {
  const output = node.outputs[0]!;
  const inputs = node.inputs.map((input) => w.name(input));
  if (node.op === 'fence') {
    node.outputs.forEach((value, i) => {
      w.bind(value, inputs[i]!);
    });
  } else if (isUnary(node.op)) w.bind(output, unary(node.op, inputs[0]!, output, w));
  else if (isBinary(node.op)) w.bind(output, binary(node.op, inputs, output, w));
  else w.bind(output, (EMITTERS[node.op] as Emit<SimpleOp>)(node as never, inputs, w));
}

function unary(op: UnaryOp, x: string, output: Value, w: GraphWriter): string {
  const opType = UNARY[op];
  if (opType !== undefined) return w.node(opType, [x]);
  switch (op) {
    case 'rsqrt':
      return w.node('Reciprocal', [w.node('Sqrt', [x])]);
    case 'logPlusOne': {
      // log(u)·x / (u − 1) with u = 1 + x: right also where u is rounded; x where nothing is left of
      // it, log(u) where nothing is left of the 1.
      const one = w.scalar('float32', 1);
      const u = w.node('Add', [x, one]);
      const isTiny = w.node('Equal', [u, one]);
      const log = w.node('Log', [u]);
      const divisor = w.node('Where', [isTiny, one, w.node('Sub', [u, one])]);
      const value = w.node('Mul', [log, w.node('Div', [x, divisor])]);
      const orLarge = w.node('Where', [w.node('Equal', [u, x]), log, value]);
      return w.node('Where', [isTiny, x, orLarge]);
    }
    case 'exponentialMinusOne': {
      // tanh(x/2)·(eˣ + 1) has no cancellation.
      const one = w.scalar('float32', 1);
      const half = w.node('Mul', [x, w.scalar('float32', 0.5)]);
      return w.node('Mul', [w.node('Tanh', [half]), w.node('Add', [w.node('Exp', [x]), one])]);
    }
    default:
      throw onnxUnsupportedOp(op, output);
  }
}

function binary(op: BinaryOp, inputs: readonly string[], output: Value, w: GraphWriter): string {
  if (op === 'remainder') return w.node('Mod', inputs, { fmod: 1 });
  const opType = BINARY[op];
  if (opType === undefined) throw onnxUnsupportedOp(op, output);
  return w.node(opType, inputs);
}

type Emit<K extends Node['op']> = (
  node: NodeWith<K>,
  inputs: readonly string[],
  w: GraphWriter,
) => string;

const EMITTERS: { [K in SimpleOp]: Emit<K> } = {
  constant: ({ attrs: { shape, dtype, data } }, _inputs, w) => w.literal(dtype, shape, data),

  iota({ attrs: { shape, dtype, axis } }, _inputs, w) {
    const size = shape[axis]!;
    const counts = Array.from({ length: size }, (_, i) => i);
    const data = dtype === 'float32' ? Float32Array.from(counts) : Int32Array.from(counts);
    const column = shape.map((_, i) => (i === axis ? size : 1));
    return w.node('Expand', [w.literal(dtype, column, data), w.sizes(shape)]);
  },

  broadcastInDim({ inputs: [x], attrs: { shape, axes } }, [name], w) {
    const aligned = shape.map(() => 1);
    axes.forEach((axis, i) => (aligned[axis] = x!.shape[i]!));
    const reshaped = reshape(name!, x!.shape, aligned, w);
    return sameShape(aligned, shape) ? reshaped : w.node('Expand', [reshaped, w.sizes(shape)]);
  },

  reshape: ({ inputs: [x], attrs: { shape } }, [name], w) => reshape(name!, x!.shape, shape, w),

  transpose: ({ attrs: { permutation } }, [x], w) => transpose(x!, permutation, w),

  slice({ attrs: { start, limit, strides } }, [x], w) {
    const axes = start.map((_, axis) => axis);
    const operands = [start, limit, axes, strides].map((list) => w.sizes(list));
    return start.length === 0 ? x! : w.node('Slice', [x!, ...operands]);
  },

  pad: ({ attrs: { low, high } }, [x, fill], w) =>
    w.node('Pad', [x!, w.sizes([...low, ...high]), fill!]),

  concatenate: ({ attrs: { axis } }, inputs, w) => w.node('Concat', inputs, { axis }),

  reverse({ inputs: [x], attrs: { axes } }, [name], w) {
    const begin = axes.map(() => -1);
    const end = axes.map((axis) => -x!.shape[axis]! - 1);
    const operands = [begin, end, axes, begin].map((list) => w.sizes(list));
    return w.node('Slice', [name!, ...operands]);
  },

  gatherRows({ inputs: [rows] }, [x, ids], w) {
    // Ours read the nearest row where ONNX has no meaning.
    const last = w.scalar('int32', rows!.shape[0]! - 1);
    const inside = w.node('Clip', [ids!, w.scalar('int32', 0), last]);
    return w.node('Gather', [x!, inside], { axis: 0 });
  },

  scatterRows: unsupported,

  dot: emitDot,

  reduce({ inputs: [x], attrs: { kind, axes } }, [name], w) {
    const operand =
      x!.dtype === 'bool' ? w.node('Cast', [name!], { to: ONNX_DTYPES.int32 }) : name!;
    const reduced = w.node(REDUCTIONS[kind], [operand, w.sizes(axes)], { keepdims: 0 });
    return x!.dtype === 'bool' ? w.node('Cast', [reduced], { to: ONNX_DTYPES.bool }) : reduced;
  },

  compare({ inputs, attrs: { direction } }, names, w) {
    const ordered = direction !== 'eq' && direction !== 'ne';
    const operands =
      ordered && inputs[0]!.dtype === 'bool'
        ? names.map((name) => w.node('Cast', [name], { to: ONNX_DTYPES.int32 }))
        : names;
    const result = w.node(COMPARISONS[direction], operands);
    return direction === 'ne' ? w.node('Not', [result]) : result;
  },

  select: (_node, inputs, w) => w.node('Where', inputs),

  allReduce: unsupported,
  allGather: unsupported,

  // It asks an engine to store the value; ONNX Runtime decides that itself.
  barrier: (_node, [x]) => x!,

  convert: ({ outputs: [output] }, [x], w) =>
    w.node('Cast', [x!], { to: ONNX_DTYPES[onnxDType(output!)] }),

  precision: unsupported,
  attention: unsupported,
  attentionGradient: unsupported,
};

function unsupported({ op, outputs: [output] }: Node): never {
  throw onnxUnsupportedOp(op, output!);
}

function reshape(
  x: string,
  from: readonly number[],
  to: readonly number[],
  w: GraphWriter,
): string {
  if (sameShape(from, to)) return x;
  // allowzero: a size of 0 means 0, not "as before".
  return w.node('Reshape', [x, w.sizes(to)], to.includes(0) ? { allowzero: 1 } : {});
}

function transpose(x: string, permutation: readonly number[], w: GraphWriter): string {
  if (permutation.every((axis, i) => axis === i)) return x;
  return w.node('Transpose', [x], { perm: permutation });
}

/** Both operands become [batch, rows, columns], or [rows, columns] without batch axes. */
function emitDot(
  { inputs: [a, b], outputs: [output], attrs: { batch, contract } }: NodeWith<'dot'>,
  [left, right]: readonly string[],
  w: GraphWriter,
): string {
  const free = (x: Value, side: 0 | 1) =>
    x.shape
      .map((_, axis) => axis)
      .filter((axis) => !batch[side].includes(axis) && !contract[side].includes(axis));
  const size = (x: Value, axes: readonly number[]) => sizeOf(axes.map((axis) => x.shape[axis]!));
  const matrix = (x: Value, name: string, parts: readonly (readonly number[])[]) => {
    const order = parts.flat();
    const turned = transpose(name, order, w);
    const sizes = parts.map((axes) => size(x, axes));
    const shape = batch[0].length === 0 ? sizes.slice(1) : sizes;
    return reshape(
      turned,
      order.map((axis) => x.shape[axis]!),
      shape,
      w,
    );
  };
  const rows = matrix(a!, left!, [batch[0], free(a!, 0), contract[0]]);
  const columns = matrix(b!, right!, [batch[1], contract[1], free(b!, 1)]);
  const product = w.node('MatMul', [rows, columns]);
  const sizes = [size(a!, batch[0]), size(a!, free(a!, 0)), size(b!, free(b!, 1))];
  return reshape(product, batch[0].length === 0 ? sizes.slice(1) : sizes, output!.shape, w);
}
