/**
 * The op table: every operation a graph may contain, with its typed attributes.
 *
 * The set is small and close to StableHLO; what TF.js has beyond it is composed in `trace/kernels`.
 * To add an op: name it here, give its shape rule (`infer.ts`), its meaning (`interpreter/`), its
 * lowering (`stablehlo/emit-op.ts`) and TensorFlow's operations for it (`tensorflow/host/emit-node.ts`); the compiler lists whatever is missing.
 */
import type { DType } from '@eddy/tensor';

import type { Graph } from './graph.ts';

/** Dtypes of values in a graph; bfloat16 appears only after the precision pass. */
export type GraphDType = DType | 'bfloat16';

/** Literal data; one element a value, bool as 0 or 1. */
export type ConstantData = Float32Array | Int32Array | Uint8Array;

/** Element-wise, one operand, result of its shape and dtype. `not` is logical and takes bool. */
export const UNARY_OPS = [
  'abs',
  'ceil',
  'cosine',
  'erf',
  'exponential',
  'exponentialMinusOne',
  'floor',
  'log',
  'logPlusOne',
  'negate',
  'not',
  'roundNearestEven',
  'rsqrt',
  'sigmoid',
  'sign',
  'sine',
  'sqrt',
  'tan',
  'tanh',
] as const;

/** Element-wise, two operands of one shape and dtype. `and`, `or`, `xor` are logical and take bool. */
export const BINARY_OPS = [
  'add',
  'and',
  'atan2',
  'divide',
  'maximum',
  'minimum',
  'multiply',
  'or',
  'power',
  /** Sign of the dividend, as `%` in C. */
  'remainder',
  'subtract',
  'xor',
] as const;

export type UnaryOp = (typeof UNARY_OPS)[number];
export type BinaryOp = (typeof BINARY_OPS)[number];

export type CompareDirection = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge';
/** `and` and `or` reduce bool, the others numbers. */
export type Reduction = 'sum' | 'max' | 'min' | 'product' | 'and' | 'or';

export type NoAttrs = Record<never, never>;

interface StructuredOpAttrs {
  /** A literal. One element and an empty shape for all but small tables: `broadcastInDim` spreads it. */
  constant: { shape: readonly number[]; dtype: DType; data: ConstantData };
  /** Counts 0, 1, 2 … along `axis`. */
  iota: { shape: readonly number[]; dtype: 'float32' | 'int32'; axis: number };
  /** Axis i of the operand becomes axis `axes[i]` of the result; size 1 stretches. `axes` ascend. */
  broadcastInDim: { shape: readonly number[]; axes: readonly number[] };
  reshape: { shape: readonly number[] };
  /** Axis i of the result is axis `permutation[i]` of the operand. */
  transpose: { permutation: readonly number[] };
  /** Elements start, start + stride, … below limit, on each axis. */
  slice: { start: readonly number[]; limit: readonly number[]; strides: readonly number[] };
  /** Operands: value, scalar that fills. Counts are not negative. */
  pad: { low: readonly number[]; high: readonly number[] };
  concatenate: { axis: number };
  reverse: { axes: readonly number[] };
  /** Operands [R, …], ids int32 [N] → [N, …]. An id outside the rows reads the nearest row. */
  gatherRows: NoAttrs;
  /** Operands rows [R, …], ids int32 [N], updates [N, …] → [R, …]. An id outside the rows is ignored. */
  scatterRows: { combine: 'replace' | 'add' };
  /** Result axes: batch, free axes of the left operand, free axes of the right one. */
  dot: {
    batch: readonly [left: readonly number[], right: readonly number[]];
    contract: readonly [left: readonly number[], right: readonly number[]];
    /** Of the result; accumulation is in float32 where the result is. */
    dtype: GraphDType;
  };
  /** The axes vanish. An empty axis gives the reduction's identity. */
  reduce: { kind: Reduction; axes: readonly number[] };
  /** Result is bool. A comparison with NaN is false, `ne` true. */
  compare: { direction: CompareDirection };
  /** Operands: condition (bool), value where true, value where false; one shape. */
  select: NoAttrs;
  /** float → int32 truncates and saturates, NaN gives 0; number → bool is `≠ 0`. */
  convert: { dtype: GraphDType };
  /** Asks that the value be stored, in bfloat16 if the engine's precision allows; see `settlePrecision`. */
  precision: { dtype: 'bfloat16' };
  /**
   * softmax(q·kᵀ·scale)·v by a kernel of the target; only traces for a target that has it hold it.
   * Operands q, k, v bfloat16 [B, H, L, K]; results: the value, like q, and float32 [B, H, L] that the
   * gradient takes: the logarithm of the sum of exponentials of each row of scores.
   */
  attention: { scale: number };
  /** Operands q, k, v, `attention`'s second result, its first, the gradient of that; results dq, dk, dv. */
  attentionGradient: { scale: number };
  /** The operand itself, stored: its users read it and do not compute it again. */
  barrier: NoAttrs;
  /** Σ over devices of their operands. Every device runs the graph; it waits for the others here. */
  allReduce: { devices: number };
  /** The operands of all devices along axis 0, in the order of the devices. */
  allGather: { devices: number };
  /**
   * Results as the operands: none before all were computed, and what uses a result is not the same as what
   * uses an operand. Keeps a second computation from being merged with the first.
   * `isCheap`: see core's `recomputeCheaply`.
   */
  fence: { readonly isCheap: boolean };
  /**
   * Applies `body` `times` times (at least once). Operands are the state, then the values that the
   * body uses from outside; the body's inputs are the same in the same order, its outputs the state.
   */
  while: { times: number; body: Graph };
}

export type OpAttrs = StructuredOpAttrs & Record<UnaryOp | BinaryOp, NoAttrs>;
export type OpName = keyof OpAttrs;

const UNARY_NAMES: ReadonlySet<string> = new Set(UNARY_OPS);
const BINARY_NAMES: ReadonlySet<string> = new Set(BINARY_OPS);

export function isUnary(op: OpName): op is UnaryOp {
  return UNARY_NAMES.has(op);
}

export function isBinary(op: OpName): op is BinaryOp {
  return BINARY_NAMES.has(op);
}
