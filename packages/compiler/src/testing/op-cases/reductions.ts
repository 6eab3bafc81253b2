import * as tf from '@tensorflow/tfjs-core';

import {
  bools,
  float,
  floats,
  forward,
  int,
  ints,
  known,
  scalar,
  smooth,
  type OpCase,
} from './op-case.ts';

type Reduce = (x: tf.Tensor, axis?: number | number[], keepDims?: boolean) => tf.Tensor;

const REDUCTIONS: readonly (readonly [string, Reduce])[] = [
  ['max', tf.max],
  ['mean', tf.mean],
  ['min', tf.min],
  ['prod', tf.prod],
  ['sum', tf.sum],
];

const AXES: readonly (readonly [string, number | number[] | undefined, boolean])[] = [
  ['all axes', undefined, false],
  ['last axis', -1, false],
  ['first axis, kept', 0, true],
  ['two axes', [0, 2], false],
  ['two axes, kept', [0, 2], true],
];

const softmaxInput = floats([2, 5], -4, 4);

export const reductionCases: readonly OpCase[] = [
  ...REDUCTIONS.flatMap(([op, f]) => [
    ...AXES.map(([name, axis, keepDims]) =>
      smooth(op, name, [floats([2, 3, 4], 0.5, 2)], (x) => f(x, axis, keepDims)),
    ),
    forward(op, 'NaN', [float(1, NaN, 3)], (x) => f(x)),
    forward(op, 'infinities', [float(1, Infinity, -Infinity)], (x) => f(x)),
  ]),
  ...[tf.sum, tf.prod].map((f) =>
    forward(f === tf.sum ? 'sum' : 'prod', 'empty axis', [floats([2, 0])], (x) => f(x, 1)),
  ),
  forward('sum', 'int32', [int(1, 2, -7)], (x) => tf.sum(x)),
  forward('sum', 'bool', [bools([2, 3])], (x) => tf.sum(x, 1)),
  forward('max', 'int32', [ints([2, 3], 11)], (x) => tf.max(x, 1)),
  forward('min', 'int32', [ints([2, 3], 11)], (x) => tf.min(x, 1)),
  forward('prod', 'int32', [int(2, 3, -7)], (x) => tf.prod(x)),
  forward('mean', 'int32', [int(1, 2, 6)], (x) => tf.mean(x)),
  forward('max', 'ties', [float(2, 5, 5, 1)], (x) => tf.max(x)),
  forward('all', 'axis', [bools([2, 3])], (x) => tf.all(x, 1)),
  forward('all', 'all axes, kept', [bools([2, 3])], (x) => tf.all(x, undefined, true)),
  forward('any', 'axis', [bools([2, 3])], (x) => tf.any(x, 0)),
  forward('any', 'all axes', [bools([2, 3])], (x) => tf.any(x)),
  ...[tf.argMax, tf.argMin].flatMap((f) => {
    const op = f === tf.argMax ? 'argMax' : 'argMin';
    return [
      forward(op, 'last axis', [floats([2, 3, 4])], (x) => f(x, -1)),
      forward(op, 'first axis', [floats([2, 3, 4])], (x) => f(x, 0)),
      forward(op, 'ties take the first', [float(1, 5, 5, 1, 1)], (x) => f(x)),
      forward(op, 'int32', [ints([3, 4], 13)], (x) => f(x, 1)),
      forward(op, 'infinities', [float(1, Infinity, -Infinity)], (x) => f(x)),
      known(op, 'NaN counts as extreme', [float(1, NaN, 3, 0)], (x) => f(x), scalar(1, 'int32')),
    ];
  }),
  smooth('cumsum', 'first axis', [floats([5, 2])], (x) => tf.cumsum(x, 0)),
  smooth('cumsum', 'last axis, exclusive', [floats([2, 5])], (x) => tf.cumsum(x, 1, true)),
  smooth('cumsum', 'reverse', [floats([2, 5])], (x) => tf.cumsum(x, 1, false, true)),
  smooth('cumsum', 'exclusive, reverse', [floats([2, 5])], (x) => tf.cumsum(x, 1, true, true)),
  forward('cumsum', 'int32', [int(1, 2, 3, 4, 5)], (x) => tf.cumsum(x)),
  forward('cumsum', 'one element', [float(3)], (x) => tf.cumsum(x, 0, true)),
  forward('cumprod', 'last axis', [floats([2, 5])], (x) => tf.cumprod(x, 1)),
  forward('cumprod', 'exclusive, reverse', [floats([2, 5])], (x) => tf.cumprod(x, 1, true, true)),
  smooth('softmax', 'last axis', [softmaxInput], (x) => tf.softmax(x)),
  forward('softmax', 'large logits', [float(1000, 999, -1000)], (x) => tf.softmax(x)),
  smooth('logSoftmax', 'last axis', [softmaxInput], (x) => tf.logSoftmax(x)),
  forward('logSoftmax', 'large logits', [float(1000, 999, -1000)], (x) => tf.logSoftmax(x)),
  smooth('logSumExp', 'last axis', [softmaxInput], (x) => tf.logSumExp(x, -1)),
  smooth('moments', 'last axis', [floats([2, 5])], (x) => {
    const { mean, variance } = tf.moments(x, -1);
    return [mean, variance];
  }),
  smooth('norm', 'euclidean', [floats([2, 3], 0.5, 2)], (x) => tf.norm(x, 'euclidean', 1)),
  smooth('softmaxCrossEntropy', 'one-hot labels', [softmaxInput], (x) =>
    tf.losses.softmaxCrossEntropy(tf.oneHot(tf.tensor1d([1, 3], 'int32'), 5), x),
  ),
  smooth('sigmoidCrossEntropy', 'binary labels', [floats([4], -3, 3)], (x) =>
    tf.losses.sigmoidCrossEntropy(tf.tensor1d([0, 1, 1, 0]), x as tf.Tensor1D),
  ),
];
