/** Ops whose result has the operands' shape and dtype, each element computed from those at its place. */
import { erf as errorFunction } from './erf.ts';
import { functionType, tensorType } from './define/stablehlo-text.ts';
import { notSupported } from './define/op.ts';
import { binary, unary } from './define/element-wise.ts';

export const abs = unary({
  takes: 'numbers',
  meaning: Math.abs,
  stablehlo: 'stablehlo.abs',
  onnx: 'Abs',
  tensorflow: 'Abs',
});

export const ceil = unary({
  takes: 'floats',
  meaning: Math.ceil,
  stablehlo: 'stablehlo.ceil',
  onnx: 'Ceil',
  tensorflow: 'Ceil',
});

export const cosine = unary({
  takes: 'floats',
  meaning: Math.cos,
  stablehlo: 'stablehlo.cosine',
  onnx: 'Cos',
  tensorflow: 'Cos',
});

export const erf = unary({
  takes: 'floats',
  meaning: errorFunction,
  stablehlo: ({ inputs: [x], outputs }, w) => {
    w.define(outputs, `chlo.erf ${w.name(x)} : ${tensorType(x)} -> ${tensorType(x)}`);
  },
  onnx: 'Erf',
  tensorflow: 'Erf',
});

export const exponential = unary({
  takes: 'floats',
  meaning: Math.exp,
  stablehlo: 'stablehlo.exponential',
  onnx: 'Exp',
  tensorflow: 'Exp',
});

export const exponentialMinusOne = unary({
  takes: 'floats',
  meaning: Math.expm1,
  stablehlo: 'stablehlo.exponential_minus_one',
  onnx: (_node, [x], w) => {
    // tanh(x/2)·(eˣ + 1) has no cancellation.
    const one = w.scalar('float32', 1);
    const half = w.node('Mul', [x, w.scalar('float32', 0.5)]);
    return w.node('Mul', [w.node('Tanh', [half]), w.node('Add', [w.node('Exp', [x]), one])]);
  },
  tensorflow: 'Expm1',
});

export const floor = unary({
  takes: 'floats',
  meaning: Math.floor,
  stablehlo: 'stablehlo.floor',
  onnx: 'Floor',
  tensorflow: 'Floor',
});

export const log = unary({
  takes: 'floats',
  meaning: Math.log,
  stablehlo: 'stablehlo.log',
  onnx: 'Log',
  tensorflow: 'Log',
});

export const logPlusOne = unary({
  takes: 'floats',
  meaning: Math.log1p,
  stablehlo: 'stablehlo.log_plus_one',
  onnx: (_node, [x], w) => {
    // log(u)·x / (u − 1) with u = 1 + x: right also where u is rounded; x where nothing is left of
    // it, log(u) where nothing is left of the 1.
    const one = w.scalar('float32', 1);
    const u = w.node('Add', [x, one]);
    const isTiny = w.node('Equal', [u, one]);
    const logarithm = w.node('Log', [u]);
    const divisor = w.node('Where', [isTiny, one, w.node('Sub', [u, one])]);
    const value = w.node('Mul', [logarithm, w.node('Div', [x, divisor])]);
    const orLarge = w.node('Where', [w.node('Equal', [u, x]), logarithm, value]);
    return w.node('Where', [isTiny, x, orLarge]);
  },
  tensorflow: 'Log1p',
});

export const negate = unary({
  takes: 'numbers',
  meaning: (x) => -x,
  stablehlo: 'stablehlo.negate',
  onnx: 'Neg',
  tensorflow: 'Neg',
});

/** Logical. */
export const not = unary({
  takes: 'bools',
  meaning: (x) => (x === 0 ? 1 : 0),
  stablehlo: 'stablehlo.not',
  onnx: 'Not',
  tensorflow: 'LogicalNot',
});

export const roundNearestEven = unary({
  takes: 'floats',
  meaning: (x) => {
    const rounded = Math.round(x);
    return Math.abs(x % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
  },
  stablehlo: 'stablehlo.round_nearest_even',
  onnx: 'Round',
  tensorflow: 'Rint',
});

export const rsqrt = unary({
  takes: 'floats',
  meaning: (x) => 1 / Math.sqrt(x),
  stablehlo: 'stablehlo.rsqrt',
  onnx: (_node, [x], w) => w.node('Reciprocal', [w.node('Sqrt', [x])]),
  tensorflow: 'Rsqrt',
});

export const sigmoid = unary({
  takes: 'floats',
  meaning: (x) => 1 / (1 + Math.exp(-x)),
  /** sigmoid x = tanh(x/2)/2 + 1/2: XLA's CPU code for tanh is the faster one (measured). */
  stablehlo: ({ inputs: [x], outputs }, w) => {
    const type = tensorType(x);
    const half = w.fresh();
    const scalar = w.scalar('0.5', x.dtype);
    const spread = functionType([{ shape: [], dtype: x.dtype }], [x]);
    w.line(`${half} = stablehlo.broadcast_in_dim ${scalar}, dims = [] : ${spread}`);
    const [scaled, tangent, scaledBack] = [w.fresh(), w.fresh(), w.fresh()];
    w.line(`${scaled} = stablehlo.multiply ${w.name(x)}, ${half} : ${type}`);
    w.line(`${tangent} = stablehlo.tanh ${scaled} : ${type}`);
    w.line(`${scaledBack} = stablehlo.multiply ${tangent}, ${half} : ${type}`);
    w.define(outputs, `stablehlo.add ${scaledBack}, ${half} : ${type}`);
  },
  onnx: 'Sigmoid',
  tensorflow: 'Sigmoid',
});

export const sign = unary({
  takes: 'numbers',
  meaning: Math.sign,
  stablehlo: 'stablehlo.sign',
  onnx: 'Sign',
  tensorflow: 'Sign',
});

export const sine = unary({
  takes: 'floats',
  meaning: Math.sin,
  stablehlo: 'stablehlo.sine',
  onnx: 'Sin',
  tensorflow: 'Sin',
});

export const sqrt = unary({
  takes: 'floats',
  meaning: Math.sqrt,
  stablehlo: 'stablehlo.sqrt',
  onnx: 'Sqrt',
  tensorflow: 'Sqrt',
});

export const tan = unary({
  takes: 'floats',
  meaning: Math.tan,
  stablehlo: 'stablehlo.tan',
  onnx: 'Tan',
  tensorflow: 'Tan',
});

export const tanh = unary({
  takes: 'floats',
  meaning: Math.tanh,
  stablehlo: 'stablehlo.tanh',
  onnx: 'Tanh',
  tensorflow: 'Tanh',
});

export const add = binary({
  takes: 'numbers',
  meaning: (x, y) => x + y,
  stablehlo: 'stablehlo.add',
  onnx: 'Add',
  tensorflow: 'AddV2',
});

/** Logical. */
export const and = binary({
  takes: 'bools',
  meaning: (x, y) => x & y,
  stablehlo: 'stablehlo.and',
  onnx: 'And',
  tensorflow: 'LogicalAnd',
});

/** The angle of the point (second operand, first operand), from −π to π. */
export const atan2 = binary({
  takes: 'floats',
  meaning: Math.atan2,
  stablehlo: 'stablehlo.atan2',
  onnx: notSupported('ONNX has no operator for it'),
  tensorflow: 'Atan2',
});

/** Of the bits of integers. */
export const bitwiseAnd = binary({
  takes: 'integers',
  meaning: (x, y) => x & y,
  stablehlo: 'stablehlo.and',
  onnx: 'BitwiseAnd',
  tensorflow: 'BitwiseAnd',
});

/** Integers are truncated towards 0. */
export const divide = binary({
  takes: 'numbers',
  meaning: (x, y) => x / y,
  stablehlo: 'stablehlo.divide',
  onnx: 'Div',
  tensorflow: ({ inputs: [x, y] }, b) =>
    b.elementWise(x.dtype === 'int32' ? 'TruncateDiv' : 'RealDiv', [b.compact(x), b.compact(y)]),
});

export const maximum = binary({
  takes: 'numbers',
  meaning: Math.max,
  stablehlo: 'stablehlo.maximum',
  onnx: 'Max',
  tensorflow: 'Maximum',
});

export const minimum = binary({
  takes: 'numbers',
  meaning: Math.min,
  stablehlo: 'stablehlo.minimum',
  onnx: 'Min',
  tensorflow: 'Minimum',
});

export const multiply = binary({
  takes: 'numbers',
  meaning: (x, y) => x * y,
  // 32-bit products of integers do not fit a float64.
  int32Meaning: Math.imul,
  stablehlo: 'stablehlo.multiply',
  onnx: 'Mul',
  tensorflow: 'Mul',
});

/** Logical. */
export const or = binary({
  takes: 'bools',
  meaning: (x, y) => x | y,
  stablehlo: 'stablehlo.or',
  onnx: 'Or',
  tensorflow: 'LogicalOr',
});

export const power = binary({
  takes: 'numbers',
  meaning: Math.pow,
  stablehlo: 'stablehlo.power',
  onnx: 'Pow',
  tensorflow: 'Pow',
});

/** With the sign of the dividend, as `%` in C. */
export const remainder = binary({
  takes: 'numbers',
  meaning: (x, y) => x % y,
  stablehlo: 'stablehlo.remainder',
  onnx: (_node, inputs, w) => w.node('Mod', inputs, { fmod: 1 }),
  tensorflow: 'TruncateMod',
});

export const subtract = binary({
  takes: 'numbers',
  meaning: (x, y) => x - y,
  stablehlo: 'stablehlo.subtract',
  onnx: 'Sub',
  tensorflow: 'Sub',
});

/** Logical. */
export const xor = binary({
  takes: 'bools',
  meaning: (x, y) => x ^ y,
  stablehlo: 'stablehlo.xor',
  onnx: 'Xor',
  tensorflow: 'NotEqual',
});
