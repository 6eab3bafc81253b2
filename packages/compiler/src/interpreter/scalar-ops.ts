/** What the element-wise ops mean, one element at a time. */
import {
  isUnary,
  type BinaryOp,
  type CompareDirection,
  type GraphDType,
  type Reduction,
  type UnaryOp,
} from '../graph/op.ts';

import { erf } from './erf.ts';

const bits = new DataView(new ArrayBuffer(4));

/** Nearest bfloat16, ties to even: the upper half of a float32. */
export function roundToBfloat16(x: number): number {
  if (Number.isNaN(x)) return x;
  bits.setFloat32(0, x);
  const pattern = bits.getUint32(0);
  const tie = (pattern >>> 16) & 1;
  bits.setUint32(0, ((pattern + 0x7fff + tie) & 0xffff0000) >>> 0);
  return bits.getFloat32(0);
}

/**
 * How results are rounded. `float32` is what graphs mean; `float64` keeps every digit of floating
 * point values, for checking gradients by finite differences.
 */
export type Arithmetic = 'float32' | 'float64';

/** A JavaScript number as a dtype stores it. */
export function stored(x: number, dtype: GraphDType): number {
  switch (dtype) {
    case 'float32':
      return Math.fround(x);
    case 'bfloat16':
      return roundToBfloat16(Math.fround(x));
    case 'int32':
      return x | 0;
    case 'bool':
      return x === 0 ? 0 : 1;
  }
}

/** float → int32 truncates and saturates, NaN gives 0. */
export function converted(x: number, to: GraphDType): number {
  if (to !== 'int32') return stored(x, to);
  if (Number.isNaN(x)) return 0;
  return Math.trunc(Math.min(Math.max(x, -2147483648), 2147483647));
}

function roundNearestEven(x: number): number {
  const rounded = Math.round(x);
  return Math.abs(x % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

const UNARY: Record<UnaryOp, (x: number) => number> = {
  abs: Math.abs,
  ceil: Math.ceil,
  cosine: Math.cos,
  erf,
  exponential: Math.exp,
  exponentialMinusOne: Math.expm1,
  floor: Math.floor,
  log: Math.log,
  logPlusOne: Math.log1p,
  negate: (x) => -x,
  not: (x) => (x === 0 ? 1 : 0),
  roundNearestEven,
  rsqrt: (x) => 1 / Math.sqrt(x),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  sign: Math.sign,
  sine: Math.sin,
  sqrt: Math.sqrt,
  tan: Math.tan,
  tanh: Math.tanh,
};

const BINARY: Record<BinaryOp, (x: number, y: number) => number> = {
  add: (x, y) => x + y,
  and: (x, y) => x & y,
  atan2: Math.atan2,
  divide: (x, y) => x / y,
  maximum: Math.max,
  minimum: Math.min,
  multiply: (x, y) => x * y,
  or: (x, y) => x | y,
  power: Math.pow,
  remainder: (x, y) => x % y,
  subtract: (x, y) => x - y,
  xor: (x, y) => x ^ y,
};

const COMPARE: Record<CompareDirection, (x: number, y: number) => boolean> = {
  eq: (x, y) => x === y,
  ne: (x, y) => x !== y,
  lt: (x, y) => x < y,
  le: (x, y) => x <= y,
  gt: (x, y) => x > y,
  ge: (x, y) => x >= y,
};

export function compared(direction: CompareDirection, x: number, y: number): number {
  return COMPARE[direction](x, y) ? 1 : 0;
}

/** The function of an element-wise op on elements of `dtype`, rounding included. */
export function scalarFunction(
  op: UnaryOp | BinaryOp,
  dtype: GraphDType,
  arithmetic: Arithmetic = 'float32',
): (x: number, y: number) => number {
  // 32-bit products of integers do not fit a float64.
  if (op === 'multiply' && dtype === 'int32') return Math.imul;
  const f: (x: number, y: number) => number = isUnary(op) ? UNARY[op] : BINARY[op];
  if (arithmetic === 'float64' && dtype === 'float32') return f;
  return (x, y) => stored(f(x, y), dtype);
}

/** The associative op behind a reduction, with the value it starts from. */
export function reduction(kind: Reduction, dtype: GraphDType): { op: BinaryOp; identity: number } {
  const isInt = dtype === 'int32';
  switch (kind) {
    case 'sum':
      return { op: 'add', identity: 0 };
    case 'product':
      return { op: 'multiply', identity: 1 };
    case 'max':
      return { op: 'maximum', identity: isInt ? -2147483648 : -Infinity };
    case 'min':
      return { op: 'minimum', identity: isInt ? 2147483647 : Infinity };
    case 'and':
      return { op: 'and', identity: 1 };
    case 'or':
      return { op: 'or', identity: 0 };
  }
}
