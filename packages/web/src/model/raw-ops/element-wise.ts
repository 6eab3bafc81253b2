/** Element-wise operations. Operands broadcast as in NumPy. */
import { backend_util, type Tensor } from '@tensorflow/tfjs-core';

import { asNumbers, cast, filled, kernel, reshaped, type RawOp } from './raw-op.ts';

const unary =
  (name: string): RawOp =>
  ({ inputs: [x] }) =>
    kernel(name, { x: x! });

const binary =
  (name: string): RawOp =>
  ({ inputs: [a, b] }) =>
    kernel(name, { a: a!, b: b! });

const multiply = (a: Tensor, b: Tensor) => kernel('Multiply', { a, b });
const subtract = (a: Tensor, b: Tensor) => kernel('Sub', { a, b });
const abs = (x: Tensor) => kernel('Abs', { x });

/** −1, 0 or 1, NaN for NaN. The kernel of the wasm backend takes small numbers for 0. */
function sign(x: Tensor): Tensor {
  const zero = filled(0, [], x.dtype);
  const ones = (name: string) => cast(kernel(name, { a: x, b: zero }), x.dtype as 'float32');
  const signs = subtract(ones('Greater'), ones('Less'));
  return x.dtype === 'int32' ? signs : select(kernel('NotEqual', { a: x, b: x }), x, signs);
}

/** Rounds the quotient towards 0, of int32. */
function truncatedQuotient(a: Tensor, b: Tensor): Tensor {
  const magnitude = kernel('FloorDiv', { a: abs(a), b: abs(b) });
  return multiply(cast(magnitude, 'int32'), multiply(sign(a), sign(b)));
}

/** With the sign of the dividend, as `%` in C. */
const remainder: RawOp = ({ inputs: [a, b] }) => {
  if (a!.dtype === 'int32') return subtract(a!, multiply(truncatedQuotient(a!, b!), b!));
  return multiply(sign(a!), kernel('Mod', { a: abs(a!), b: abs(b!) }));
};

/**
 * log(u)·x / (u − 1) with u = 1 + x has the digits of a small x, which log(1 + x) of the wasm backend loses. It is x
 * where nothing is left of x in u, and log(u) where nothing is left of the 1.
 */
const logPlusOne: RawOp = ({ inputs: [x] }) => {
  const one = filled(1, x!.shape, 'float32');
  const u = kernel('Add', { a: x!, b: one });
  const logarithm = kernel('Log', { x: u });
  const isTiny = kernel('Equal', { a: u, b: one });
  const divisor = select(isTiny, one, subtract(u, one));
  const value = multiply(logarithm, kernel('RealDiv', { a: x!, b: divisor }));
  const orLarge = select(kernel('Equal', { a: u, b: x! }), logarithm, value);
  return select(isTiny, x!, orLarge);
};

function select(condition: Tensor, ifTrue: Tensor, ifFalse: Tensor): Tensor {
  return kernel('Select', { condition, t: ifTrue, e: ifFalse });
}

/** Repeats a tensor along axes of size 1 until it has the shape. */
export function broadcastTo(x: Tensor, shape: readonly number[]): Tensor {
  const dims = [...Array.from({ length: shape.length - x.rank }, () => 1), ...x.shape];
  const aligned = dims.length === x.rank ? x : reshaped(x, dims);
  const reps = shape.map((size, axis) => (dims[axis] === size ? 1 : size));
  if (reps.every((count) => count === 1)) return kernel('Identity', { x: aligned });
  if (reps.includes(0)) return filled(0, shape, x.dtype);
  return asNumbers(aligned, (numbers) => kernel('Tile', { x: numbers }, { reps }));
}

/** The kernel `Select` takes operands of one shape only. */
const selectBroadcast: RawOp = ({ inputs }) => {
  const shape = inputs.reduce<number[]>(
    (all, x) => backend_util.assertAndGetBroadcastShape(all, x.shape),
    [],
  );
  const [condition, ifTrue, ifFalse] = inputs.map((x) => broadcastTo(x, shape));
  if (ifTrue!.dtype !== 'bool') return select(condition!, ifTrue!, ifFalse!);
  const [t, e] = [cast(ifTrue!, 'int32'), cast(ifFalse!, 'int32')];
  return cast(select(condition!, t, e), 'bool');
};

/** Comparisons of bools compare numbers. */
const comparison =
  (name: string): RawOp =>
  ({ inputs: [a, b] }) =>
    a!.dtype === 'bool'
      ? kernel(name, { a: cast(a!, 'int32'), b: cast(b!, 'int32') })
      : kernel(name, { a: a!, b: b! });

export const elementWise: Readonly<Record<string, RawOp>> = {
  Abs: unary('Abs'),
  Ceil: unary('Ceil'),
  Cos: unary('Cos'),
  Erf: unary('Erf'),
  Exp: unary('Exp'),
  Expm1: unary('Expm1'),
  Floor: unary('Floor'),
  Log: unary('Log'),
  Log1p: logPlusOne,
  LogicalNot: unary('LogicalNot'),
  Neg: unary('Neg'),
  Rint: unary('Round'),
  Rsqrt: unary('Rsqrt'),
  Sigmoid: unary('Sigmoid'),
  Sign: ({ inputs: [x] }) => sign(x!),
  Sin: unary('Sin'),
  Sqrt: unary('Sqrt'),
  Tan: unary('Tan'),
  Tanh: unary('Tanh'),
  AddV2: binary('Add'),
  Atan2: binary('Atan2'),
  BitwiseAnd: binary('BitwiseAnd'),
  LogicalAnd: binary('LogicalAnd'),
  LogicalOr: binary('LogicalOr'),
  Maximum: binary('Maximum'),
  Minimum: binary('Minimum'),
  Mul: binary('Multiply'),
  Pow: binary('Pow'),
  RealDiv: binary('RealDiv'),
  Sub: binary('Sub'),
  TruncateDiv: ({ inputs: [a, b] }) => truncatedQuotient(a!, b!),
  TruncateMod: remainder,
  Equal: comparison('Equal'),
  NotEqual: comparison('NotEqual'),
  Greater: comparison('Greater'),
  GreaterEqual: comparison('GreaterEqual'),
  Less: comparison('Less'),
  LessEqual: comparison('LessEqual'),
  SelectV2: selectBroadcast,
  Cast: ({ inputs: [x], attrs }) => cast(x!, attrs['DstT']!.value as 'float32' | 'int32' | 'bool'),
};
