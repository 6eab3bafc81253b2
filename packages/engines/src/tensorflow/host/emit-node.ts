/** TensorFlow's operations for each op of a graph. */
import { InternalError } from '@eddy/tensor/errors';
import { sizeOf, type DType } from '@eddy/tensor/spec';

import type { Node, Value } from '@eddy/compiler/graph';
import {
  isBinary,
  isUnary,
  type BinaryOp,
  type CompareDirection,
  type Reduction,
  type UnaryOp,
} from '@eddy/compiler/graph';

import type { BlockBuilder, Compact } from './block-builder.ts';
import { emitDot } from './emit-dot.ts';

type StructuredOp = Exclude<Node['op'], UnaryOp | BinaryOp>;
type NodeWith<K> = Extract<Node, { op: K }>;
type Emit<K> = (node: NodeWith<K>, b: BlockBuilder) => void;

const UNARY: Record<UnaryOp, string> = {
  abs: 'Abs',
  ceil: 'Ceil',
  cosine: 'Cos',
  erf: 'Erf',
  exponential: 'Exp',
  exponentialMinusOne: 'Expm1',
  floor: 'Floor',
  log: 'Log',
  logPlusOne: 'Log1p',
  negate: 'Neg',
  not: 'LogicalNot',
  roundNearestEven: 'Rint',
  rsqrt: 'Rsqrt',
  sigmoid: 'Sigmoid',
  sign: 'Sign',
  sine: 'Sin',
  sqrt: 'Sqrt',
  tan: 'Tan',
  tanh: 'Tanh',
};

const BINARY: Record<Exclude<BinaryOp, 'divide'>, string> = {
  add: 'AddV2',
  and: 'LogicalAnd',
  atan2: 'Atan2',
  maximum: 'Maximum',
  minimum: 'Minimum',
  multiply: 'Mul',
  or: 'LogicalOr',
  power: 'Pow',
  remainder: 'TruncateMod',
  subtract: 'Sub',
  xor: 'NotEqual',
};

const COMPARE: Record<CompareDirection, string> = {
  eq: 'Equal',
  ne: 'NotEqual',
  lt: 'Less',
  le: 'LessEqual',
  gt: 'Greater',
  ge: 'GreaterEqual',
};

const REDUCE: Record<Reduction, string> = {
  sum: 'Sum',
  max: 'Max',
  min: 'Min',
  product: 'Prod',
  and: 'All',
  or: 'Any',
};

export function emitNode(node: Node, b: BlockBuilder): void {
  if (isUnary(node.op) || isBinary(node.op)) {
    const op = isUnary(node.op) ? UNARY[node.op] : binaryOp(node.op, node.outputs[0]!);
    b.define(node.outputs[0]!, b.elementWise(op, compacts(node.inputs, b)));
  } else {
    (EMIT[node.op] as Emit<StructuredOp>)(node as never, b);
  }
}

function binaryOp(op: BinaryOp, { dtype }: Value): string {
  if (op !== 'divide') return BINARY[op];
  return dtype === 'int32' ? 'TruncateDiv' : 'RealDiv';
}

function compacts(values: readonly Value[], b: BlockBuilder): Compact[] {
  return values.map((value) => b.compact(value));
}

const EMIT: { [K in StructuredOp]: Emit<K> } = {
  constant({ outputs: [output], attrs: { data, shape, dtype } }, b) {
    b.define(output!, { slot: b.constant(data, shape, dtype), shape });
  },

  iota({ outputs: [output], attrs: { shape, dtype, axis } }, b) {
    const counts = shape.map((dim, i) => (i === axis ? dim : 1));
    const numbers = Array.from({ length: shape[axis]! }, (_, i) => i);
    const data = dtype === 'int32' ? Int32Array.from(numbers) : Float32Array.from(numbers);
    b.define(output!, { slot: b.constant(data, counts, dtype), shape: counts });
  },

  broadcastInDim({ inputs: [x], outputs: [output], attrs: { axes } }, b) {
    const { slot, shape } = b.compact(x!);
    const dims = output!.shape.map(() => 1);
    const missing = x!.shape.length - shape.length;
    axes.forEach((axis, i) => (dims[axis] = i < missing ? 1 : shape[i - missing]!));
    const compact = withoutLeadingOnes(dims);
    const isSame = withoutLeadingOnes(shape).join() === compact.join();
    b.define(
      output!,
      isSame && shape.length <= output!.shape.length
        ? { slot, shape }
        : { slot: b.reshape(slot, compact), shape: compact },
    );
  },

  reshape({ inputs: [x], outputs: [output] }, b) {
    const { slot, shape } = b.compact(x!);
    const target = sizeOf(shape) === 1 ? [] : output!.shape;
    const operand = sizeOf(shape) === 1 ? slot : b.full(x!);
    b.define(output!, { slot: b.reshape(operand, target), shape: target });
  },

  transpose({ inputs: [x], outputs: [output], attrs: { permutation } }, b) {
    const { slot, shape } = b.aligned(x!);
    const permuted = permutation.map((axis) => shape[axis]!);
    b.define(output!, {
      slot: b.emit('Transpose', [slot, b.ints(permutation)]),
      shape: permuted,
    });
  },

  slice({ inputs: [x], outputs: [output], attrs: { start, limit, strides } }, b) {
    const bounds = [start, limit, strides].map((list) => b.ints(list));
    whole(b, output!, b.emit('StridedSlice', [b.full(x!), ...bounds]));
  },

  pad({ inputs: [x, fill], outputs: [output], attrs: { low, high } }, b) {
    const counts = Int32Array.from(low.flatMap((count, axis) => [count, high[axis]!]));
    const paddings = b.constant(counts, [low.length, 2], 'int32');
    whole(b, output!, b.emit('PadV2', [b.full(x!), paddings, b.full(fill!)]));
  },

  concatenate({ inputs, outputs: [output], attrs: { axis } }, b) {
    const parts = inputs.map((input) => b.full(input));
    const { dtype } = output!;
    const attrs = {
      N: { type: 'int', value: parts.length },
      T: { type: 'dtype', value: dtype as DType },
      Tidx: { type: 'dtype', value: 'int32' },
    } as const;
    const slot =
      parts.length === 1
        ? parts[0]!
        : b.emit('ConcatV2', [...parts, b.scalar(axis, 'int32').slot], attrs);
    whole(b, output!, slot);
  },

  reverse({ inputs: [x], outputs: [output], attrs: { axes } }, b) {
    whole(b, output!, b.emit('ReverseV2', [b.full(x!), b.ints(axes)]));
  },

  gatherRows({ inputs: [rows, ids], outputs: [output] }, b) {
    const last = b.scalar(rows!.shape[0]! - 1, 'int32');
    const below = b.elementWise('Minimum', [b.compact(ids!), last]);
    const inside = b.elementWise('Maximum', [below, b.scalar(0, 'int32')]);
    const all = inside.shape.length === 1 ? inside.slot : b.reshape(inside.slot, ids!.shape);
    whole(b, output!, b.emit('GatherV2', [b.full(rows!), all, b.scalar(0, 'int32').slot]));
  },

  scatterRows({ inputs: [rows, ids, updates], outputs: [output], attrs: { combine } }, b) {
    const op = combine === 'add' ? 'TensorScatterAdd' : 'TensorScatterUpdate';
    const indices = b.reshape(b.full(ids!), [ids!.shape[0]!, 1]);
    const operands = [b.full(rows!), indices, b.full(updates!)];
    whole(b, output!, b.emit(op, operands, b.scatterAttrs));
  },

  dot: emitDot,

  reduce({ inputs: [x], outputs: [output], attrs: { kind, axes } }, b) {
    whole(b, output!, b.emit(REDUCE[kind], [b.full(x!), b.ints(axes)]));
  },

  compare({ inputs, outputs: [output], attrs: { direction } }, b) {
    b.define(output!, b.elementWise(COMPARE[direction], compacts(inputs, b)));
  },

  select({ inputs, outputs: [output] }, b) {
    b.define(output!, b.elementWise('SelectV2', compacts(inputs, b)));
  },

  convert({ inputs: [x], outputs: [output] }, b) {
    const operand = b.compact(x!);
    const to = output!.dtype as DType;
    if (to === 'bool') {
      const zero = b.scalar(0, x!.dtype as DType);
      b.define(output!, b.elementWise('NotEqual', [operand, zero]));
      return;
    }
    const attrs = { DstT: { type: 'dtype', value: to } } as const;
    const converted = { slot: b.emit('Cast', [operand.slot], attrs), shape: operand.shape };
    const saturates = x!.dtype === 'float32' && to === 'int32';
    b.define(output!, saturates ? saturated(operand, converted, b) : converted);
  },

  precision({ inputs: [x], outputs: [output] }, b) {
    b.define(output!, b.compact(x!));
  },

  attention: ofAnotherTarget,
  attentionGradient: ofAnotherTarget,

  // Op by op, every value is computed once.
  barrier({ inputs: [x], outputs: [output] }, b) {
    b.define(output!, b.compact(x!));
  },

  fence({ inputs, outputs }, b) {
    outputs.forEach((output, i) => {
      b.define(output, b.compact(inputs[i]!));
    });
  },

  allReduce: onSeveralDevices,
  allGather: onSeveralDevices,

  while({ inputs, outputs, attrs: { times, body } }, b) {
    const slots = b.loop(
      times,
      body,
      inputs.map((input) => b.full(input)),
    );
    outputs.forEach((output, i) => {
      whole(b, output, slots[i]!);
    });
  },
};

function ofAnotherTarget({ op }: Node): never {
  throw new InternalError(`${op} was put in for a target that has a kernel for it`);
}

/** Programs are traced for the one device that this engine has. */
function onSeveralDevices({ op }: Node): never {
  throw new InternalError(`TensorFlow was given ${op}`);
}

function whole(b: BlockBuilder, value: Value, slot: number): void {
  b.define(value, { slot, shape: value.shape });
}

/** TensorFlow's Cast leaves open what becomes of numbers that an integer cannot hold. */
function saturated(x: Compact, converted: Compact, b: BlockBuilder): Compact {
  const [lowest, highest] = [-2147483648, 2147483647];
  const isHigh = b.elementWise('GreaterEqual', [x, b.scalar(2147483648, 'float32')]);
  const isLow = b.elementWise('LessEqual', [x, b.scalar(lowest, 'float32')]);
  const isNaN = b.elementWise('NotEqual', [x, x]);
  const capped = b.elementWise('SelectV2', [isHigh, b.scalar(highest, 'int32'), converted]);
  const held = b.elementWise('SelectV2', [isLow, b.scalar(lowest, 'int32'), capped]);
  return b.elementWise('SelectV2', [isNaN, b.scalar(0, 'int32'), held]);
}

function withoutLeadingOnes(shape: readonly number[]): readonly number[] {
  const first = shape.findIndex((dim) => dim !== 1);
  return first < 0 ? [] : shape.slice(first);
}
