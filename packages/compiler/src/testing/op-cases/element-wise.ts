import * as tf from '@tensorflow/tfjs-core';
import type { HostTensor } from '@eddy/tensor';

import {
  bools,
  float,
  floats,
  forward,
  int,
  known,
  smooth,
  SPECIAL,
  type OpCase,
} from './op-case.ts';

type Unary = (x: tf.Tensor) => tf.Tensor;
type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

/** Operation, inputs where it is smooth. */
const SMOOTH_UNARY: readonly (readonly [string, Unary, HostTensor])[] = [
  ['abs', tf.abs, floats([7])],
  ['acos', tf.acos, floats([7], -0.9, 0.9)],
  ['acosh', tf.acosh, floats([7], 1.1, 5)],
  ['asin', tf.asin, floats([7], -0.9, 0.9)],
  ['asinh', tf.asinh, floats([7], -4, 4)],
  ['atan', tf.atan, floats([7], -4, 4)],
  ['atanh', tf.atanh, floats([7], -0.9, 0.9)],
  ['cos', tf.cos, floats([7], -6, 6)],
  ['cosh', tf.cosh, floats([7], -4, 4)],
  ['elu', tf.elu, floats([2, 4])],
  ['erf', tf.erf, floats([2, 4], -3, 3)],
  ['exp', tf.exp, floats([2, 4], -5, 5)],
  ['expm1', tf.expm1, floats([7], -2, 2)],
  ['leakyRelu', (x) => tf.leakyRelu(x, 0.3), floats([2, 4])],
  ['log', tf.log, floats([7], 0.1, 9)],
  ['log1p', tf.log1p, floats([7], -0.8, 5)],
  ['logSigmoid', tf.logSigmoid, floats([7], -5, 5)],
  ['neg', tf.neg, floats([7])],
  ['reciprocal', tf.reciprocal, floats([7], 0.3, 3)],
  ['relu', tf.relu, floats([2, 4])],
  ['relu6', tf.relu6, floats([2, 6], -3, 9)],
  ['rsqrt', tf.rsqrt, floats([7], 0.1, 9)],
  ['selu', tf.selu, floats([2, 4])],
  ['sigmoid', tf.sigmoid, floats([2, 4], -6, 6)],
  ['sin', tf.sin, floats([7], -6, 6)],
  ['sinh', tf.sinh, floats([7], -4, 4)],
  ['softplus', tf.softplus, floats([7], -6, 6)],
  ['sqrt', tf.sqrt, floats([7], 0.1, 9)],
  ['square', tf.square, floats([7])],
  ['tan', tf.tan, floats([7], -1.2, 1.2)],
  ['tanh', tf.tanh, floats([2, 4], -4, 4)],
  ['clipByValue', (x) => tf.clipByValue(x, -0.75, 1.1), floats([2, 6])],
];

/** Flat between their jumps: the gradient is zero, in TF.js by definition. */
const STEPS: readonly (readonly [string, Unary])[] = [
  ['ceil', tf.ceil],
  ['floor', tf.floor],
  ['round', tf.round],
  ['sign', tf.sign],
  ['step', (x) => tf.step(x, 0.25)],
];

const PREDICATES: readonly (readonly [string, Unary])[] = [
  ['isFinite', tf.isFinite],
  ['isInf', tf.isInf],
  ['isNaN', tf.isNaN],
];

const SMOOTH_BINARY: readonly (readonly [string, Binary, low: number, high: number])[] = [
  ['add', tf.add, -2, 2],
  ['atan2', tf.atan2, 0.2, 2],
  ['div', tf.div, 0.4, 3],
  ['maximum', tf.maximum, -2, 2],
  ['minimum', tf.minimum, -2, 2],
  ['mul', tf.mul, -2, 2],
  ['pow', tf.pow, 0.3, 2.5],
  ['squaredDifference', tf.squaredDifference, -2, 2],
  ['sub', tf.sub, -2, 2],
  ['prelu', tf.prelu, -2, 2],
];

const COMPARISONS: readonly (readonly [string, Binary])[] = [
  ['equal', tf.equal],
  ['greater', tf.greater],
  ['greaterEqual', tf.greaterEqual],
  ['less', tf.less],
  ['lessEqual', tf.lessEqual],
  ['notEqual', tf.notEqual],
];

const LOGICAL: readonly (readonly [string, Binary])[] = [
  ['logicalAnd', tf.logicalAnd],
  ['logicalOr', tf.logicalOr],
  ['logicalXor', tf.logicalXor],
];

/** Every way in which two shapes meet. */
const BROADCASTS: readonly (readonly [string, readonly number[], readonly number[]])[] = [
  ['equal shapes', [2, 3], [2, 3]],
  ['scalar', [2, 3], []],
  ['row', [2, 3], [3]],
  ['column and row', [2, 1], [1, 3]],
];

const shifted = (x: HostTensor): HostTensor => ({
  ...x,
  data: Float32Array.from(x.data, (value) => value * 0.83 + 0.17),
});

const integers = [int(7, -7, 7, -7, 6, 0), int(3, 3, -3, -3, 3, 5)];

export const elementWiseCases: readonly OpCase[] = [
  ...SMOOTH_UNARY.flatMap(([op, f, x]) => [
    smooth(op, 'smooth range', [x], f),
    forward(op, 'special values', [SPECIAL], f),
    forward(op, 'no elements', [floats([0, 3])], f),
  ]),
  ...STEPS.flatMap(([op, f]) => [
    smooth(op, 'between jumps', [floats([9], -2.9, 2.9)], f),
    ...(op === 'sign' ? [] : [forward(op, 'special values', [SPECIAL], f)]),
    forward(op, 'ties', [float(-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3)], f),
  ]),
  known(
    'sign',
    'NaN stays',
    [float(NaN, Infinity, -Infinity, 0, -1e-30)],
    (x) => tf.sign(x),
    float(NaN, 1, -1, 0, -1),
  ),
  ...PREDICATES.map(([op, f]) => forward(op, 'special values', [SPECIAL], f)),
  // Scaled up, so that a relative error shows.
  ...(
    [
      ['expm1', tf.expm1],
      ['log1p', tf.log1p],
      ['asinh', tf.asinh],
      ['atanh', tf.atanh],
      ['sinh', tf.sinh],
    ] as const
  ).map(([op, f]) =>
    forward(op, 'near zero', [float(1e-7, -1e-7, 3e-5, -3e-5, 1e-3)], (x) => tf.mul(f(x), 1e7)),
  ),
  forward('logicalNot', 'bool', [bools([2, 3])], tf.logicalNot),
  ...SMOOTH_BINARY.flatMap(([op, f, low, high]) => [
    ...BROADCASTS.map(([name, a, b]) =>
      smooth(op, name, [floats(a, low, high), shifted(floats(b, low, high))], f),
    ),
    forward(op, 'no elements', [floats([0, 3]), floats([1, 3])], f),
    forward(op, 'special values', [SPECIAL, float(...Array<number>(12).fill(1.5))], f),
  ]),
  ...COMPARISONS.flatMap(([op, f]) => [
    forward(op, 'float32, special values', [SPECIAL, float(...Array<number>(12).fill(1))], f),
    forward(op, 'NaN on the right', [float(1, NaN), float(NaN, NaN)], f),
    forward(op, 'int32, broadcast', [int(1, 2, 3), { ...int(2), shape: [1] }], f),
    forward(op, 'bool', [bools([2, 3]), bools([2, 3])], f),
  ]),
  ...LOGICAL.map(([op, f]) =>
    forward(op, 'broadcast', [bools([2, 3]), { ...bools([3]), shape: [1, 3] }], f),
  ),
  forward('mod', 'signs', [float(7, -7, 7, -7, 5.5, -5.5), float(3, 3, -3, -3, 2, 2)], tf.mod),
  forward('mod', 'int32, signs', integers, tf.mod),
  smooth('mod', 'between jumps', [floats([6], 0.2, 5), floats([6], 1.1, 1.9)], tf.mod),
  forward('floorDiv', 'float32, signs', [float(7, -7, 7, -7), float(2, 2, -2, -2)], tf.floorDiv),
  forward('floorDiv', 'int32, signs', integers, tf.floorDiv),
  forward(
    'floorDiv',
    'int32, extremes',
    [int(-2147483648, 2147483647, -2147483648), int(3, -3, -1000)],
    tf.floorDiv,
  ),
  forward('clipByValue', 'int32, no upper bound', [int(-3, 0, 4)], (x) =>
    tf.clipByValue(x, -1, Infinity),
  ),
  forward('logicalAnd', 'a literal matrix', [bools([2, 3])], (x) =>
    tf.logicalAnd(
      x,
      tf.tensor2d([
        [true, false, true],
        [true, true, false],
      ]),
    ),
  ),
  forward('abs', 'int32', [int(-3, 0, 4)], tf.abs),
  forward('neg', 'int32', [int(-3, 0, 4)], tf.neg),
  forward('sign', 'int32', [int(-3, 0, 4)], tf.sign),
  forward('square', 'int32', [int(-3, 0, 4)], tf.square),
  forward('add', 'int32', [int(1, 2, 3), int(2147483647, 5, -7)], tf.add),
  forward('mul', 'int32', [int(46341, 3, -5), int(46341, 5, 7)], tf.mul),
  forward('maximum', 'int32', [int(1, 5, -3), int(2, -5, -4)], tf.maximum),
  forward('maximum', 'NaN', [float(NaN, 1), float(1, NaN)], tf.maximum),
  forward('minimum', 'NaN', [float(NaN, 1), float(1, NaN)], tf.minimum),
  forward('mul', 'int32 with float32', [int(1, 2, 3), float(0.5, 1.5, 2.5)], tf.mul),
  forward(
    'atan2',
    'quadrants and zeros',
    [float(0, -0, 0, -0, 1, -1, 0, 2), float(1, 1, -1, -1, 0, 0, 0, Infinity)],
    tf.atan2,
  ),
  smooth(
    'addN',
    'three operands',
    [floats([2, 3]), floats([2, 3], 0, 1), floats([2, 3], 1, 4)],
    (...xs) => tf.addN(xs),
  ),
  smooth(
    'where',
    'all of one shape',
    [bools([2, 3]), floats([2, 3]), floats([2, 3], 3, 5)],
    (c, a, b) => tf.where(c, a, b),
  ),
  smooth('where', 'condition from a comparison', [floats([2, 3]), floats([2, 3], 3, 5)], (a, b) =>
    tf.where(tf.less(a, 0.3), a, tf.mul(a, b)),
  ),
  forward('cast', 'float32 to int32', [float(-2.7, -0.5, 0, 0.5, 2.7)], (x) => tf.cast(x, 'int32')),
  forward('cast', 'float32 to bool', [float(-2.7, 0, 0.5)], (x) => tf.cast(x, 'bool')),
  forward('cast', 'int32 to float32', [int(-2, 0, 7)], (x) => tf.cast(x, 'float32')),
  forward('cast', 'int32 to bool', [int(-2, 0, 7)], (x) => tf.cast(x, 'bool')),
  forward('cast', 'bool to float32', [bools([5])], (x) => tf.cast(x, 'float32')),
  forward('cast', 'bool to int32', [bools([5])], (x) => tf.cast(x, 'int32')),
];
