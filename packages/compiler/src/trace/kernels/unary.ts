/** Element-wise kernels of one operand. */
import type { ClipByValueAttrs, LeakyReluAttrs, StepAttrs } from '@tensorflow/tfjs-core';

import type { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';
import type { UnaryOp } from '../../ops/index.ts';
import { converted } from '../../ops/define/elements.ts';

import { asFloat, asNumber, type Kernel, type KernelTable } from './kernel.ts';

const SELU_SCALE_ALPHA = 1.7580993408473768;
const SELU_SCALE = 1.0507009873554805;

type Compose = (b: GraphBuilder, x: Value) => Value;

/** A kernel that computes in floating point whatever it is given. */
const float =
  (compose: Compose): Kernel =>
  (b, { x }) =>
    compose(b, asFloat(b, x!));

/** A kernel that keeps int32. */
const numeric =
  (compose: Compose): Kernel =>
  (b, { x }) =>
    compose(b, asNumber(b, x!));

const op =
  (name: UnaryOp): Compose =>
  (b, x) =>
    b.emit(name, [x]);

/** Rounding leaves integers alone. */
const rounding =
  (name: UnaryOp): Compose =>
  (b, x) =>
    x.dtype === 'int32' ? x : b.emit(name, [x]);

const positive = (b: GraphBuilder, x: Value) => b.compare('gt', x, b.fillLike(x, 0));
const plus = (b: GraphBuilder, x: Value, value: number) => b.binary('add', x, b.fillLike(x, value));
const times = (b: GraphBuilder, x: Value, value: number) =>
  b.binary('multiply', x, b.fillLike(x, value));

/** (1 − x)(1 + x), without the cancellation of 1 − x². */
function oneMinusSquare(b: GraphBuilder, x: Value): Value {
  return b.binary('multiply', b.binary('subtract', b.fillLike(x, 1), x), plus(b, x, 1));
}

/** x where x ≥ 0, alpha · (eˣ − 1) below. */
function elu(b: GraphBuilder, x: Value, alpha: number): Value {
  const below = times(b, b.emit('exponentialMinusOne', [x]), alpha);
  return b.select(b.compare('ge', x, b.fillLike(x, 0)), x, below);
}

/** max(x, 0) + log(1 + e^−|x|), which never overflows. */
function softplus(b: GraphBuilder, x: Value): Value {
  const tail = b.emit('exponential', [b.emit('negate', [b.emit('abs', [x])])]);
  return b.binary('add', relu(b, x), b.emit('logPlusOne', [tail]));
}

function relu(b: GraphBuilder, x: Value): Value {
  return b.binary('maximum', x, b.fillLike(x, 0));
}

/** sinh x = (e + e / (e + 1)) / 2 with e = eˣ − 1: accurate near 0. */
function sinh(b: GraphBuilder, x: Value): Value {
  const magnitude = b.emit('abs', [x]);
  const e = b.emit('exponentialMinusOne', [magnitude]);
  const infinite = b.compare('eq', e, b.fillLike(e, Infinity));
  // ∞ / (∞ + 1) is NaN: there the quotient is 1.
  const quotient = b.binary('divide', e, plus(b, e, 1));
  const half = times(b, b.binary('add', e, b.select(infinite, b.fillLike(e, 1), quotient)), 0.5);
  return b.binary('multiply', b.emit('sign', [x]), half);
}

function cosh(b: GraphBuilder, x: Value): Value {
  const e = b.emit('exponential', [b.emit('abs', [x])]);
  return times(b, b.binary('add', e, b.binary('divide', b.fillLike(e, 1), e)), 0.5);
}

/** asinh x = sign(x) · log1p(|x| + x² / (1 + √(x² + 1))); sign(x) · log 2|x| where x² overflows. */
function asinh(b: GraphBuilder, x: Value): Value {
  const magnitude = b.emit('abs', [x]);
  const square = b.binary('multiply', x, x);
  const root = b.emit('sqrt', [plus(b, square, 1)]);
  const sum = b.binary('add', magnitude, b.binary('divide', square, plus(b, root, 1)));
  const isLarge = b.compare('gt', magnitude, b.fillLike(x, 1e9));
  const log2x = plus(b, b.emit('log', [magnitude]), Math.LN2);
  const value = b.select(isLarge, log2x, b.emit('logPlusOne', [sum]));
  return b.binary('multiply', b.emit('sign', [x]), value);
}

/** acosh x = log1p(t + √t · √(t + 2)) with t = x − 1. */
function acosh(b: GraphBuilder, x: Value): Value {
  const t = plus(b, x, -1);
  const root = b.binary('multiply', b.emit('sqrt', [t]), b.emit('sqrt', [plus(b, t, 2)]));
  return b.emit('logPlusOne', [b.binary('add', t, root)]);
}

/** atanh x = log1p(2x / (1 − x)) / 2. */
function atanh(b: GraphBuilder, x: Value): Value {
  const quotient = b.binary('divide', times(b, x, 2), b.binary('subtract', b.fillLike(x, 1), x));
  return times(b, b.emit('logPlusOne', [quotient]), 0.5);
}

const magnitudeIs =
  (direction: 'eq' | 'lt'): Compose =>
  (b, x) => {
    if (x.dtype !== 'float32') return b.fill(direction === 'lt' ? 1 : 0, x.shape, 'bool');
    const magnitude = b.emit('abs', [x]);
    return b.compare(direction, magnitude, b.fillLike(x, Infinity));
  };

export const unaryKernels: KernelTable = {
  Abs: numeric(op('abs')),
  Acos: float((b, x) => b.binary('atan2', b.emit('sqrt', [oneMinusSquare(b, x)]), x)),
  Acosh: float(acosh),
  Asin: float((b, x) => b.binary('atan2', x, b.emit('sqrt', [oneMinusSquare(b, x)]))),
  Asinh: float(asinh),
  Atan: float((b, x) => b.binary('atan2', x, b.fillLike(x, 1))),
  Atanh: float(atanh),
  Ceil: numeric(rounding('ceil')),
  ClipByValue: (b, { x }, { clipValueMin, clipValueMax }: ClipByValueAttrs) => {
    const bound = (value: number) => b.fillLike(x!, converted(value, x!.dtype));
    return b.binary('minimum', b.binary('maximum', x!, bound(clipValueMin)), bound(clipValueMax));
  },
  Cos: float(op('cosine')),
  Cosh: float(cosh),
  Elu: float((b, x) => elu(b, x, 1)),
  Erf: float(op('erf')),
  Exp: float(op('exponential')),
  Expm1: float(op('exponentialMinusOne')),
  Floor: numeric(rounding('floor')),
  IsFinite: numeric(magnitudeIs('lt')),
  IsInf: numeric(magnitudeIs('eq')),
  IsNan: numeric((b, x) => b.compare('ne', x, x)),
  LeakyRelu: (b, inputs, { alpha }: LeakyReluAttrs) => {
    const x = asFloat(b, inputs['x']!);
    return b.select(b.compare('lt', x, b.fillLike(x, 0)), times(b, x, alpha), x);
  },
  Log: float(op('log')),
  Log1p: float(op('logPlusOne')),
  LogicalNot: (b, { x }) => b.emit('not', [x!]),
  Neg: numeric(op('negate')),
  Reciprocal: float((b, x) => b.binary('divide', b.fillLike(x, 1), x)),
  Relu: numeric(relu),
  Relu6: numeric((b, x) => b.binary('minimum', relu(b, x), b.fillLike(x, 6))),
  Round: numeric(rounding('roundNearestEven')),
  Rsqrt: float(op('rsqrt')),
  Selu: float((b, x) => {
    const below = times(b, b.emit('exponentialMinusOne', [x]), SELU_SCALE_ALPHA);
    const above = times(b, x, SELU_SCALE);
    return b.select(b.compare('ge', x, b.fillLike(x, 0)), above, below);
  }),
  Sigmoid: float(op('sigmoid')),
  Sign: numeric(op('sign')),
  Sin: float(op('sine')),
  Sinh: float(sinh),
  Softplus: float(softplus),
  Sqrt: float(op('sqrt')),
  Square: numeric((b, x) => b.binary('multiply', x, x)),
  Step: (b, inputs, { alpha }: StepAttrs) => {
    const x = asFloat(b, inputs['x']!);
    const step = b.select(positive(b, x), b.fillLike(x, 1), b.fillLike(x, alpha));
    return b.select(b.compare('ne', x, x), x, step);
  },
  Tan: float(op('tan')),
  Tanh: float(op('tanh')),
};
