import * as tf from '@tensorflow/tfjs-core';

import { float, floats, forward, ints, known, smooth, type OpCase } from './op-case.ts';

/** Shapes of a·b for the four ways of transposing, after the batch axes. */
const TRANSPOSES = [
  [false, false],
  [false, true],
  [true, false],
  [true, true],
] as const;

const left = (batch: number[], transposed: boolean) =>
  floats([...batch, ...(transposed ? [4, 3] : [3, 4])]);
const right = (batch: number[], transposed: boolean) =>
  floats([...batch, ...(transposed ? [2, 4] : [4, 2])], -1, 3);

export const matrixCases: readonly OpCase[] = [
  ...TRANSPOSES.flatMap(([ta, tb]) => {
    const how = `${ta ? 'aᵀ' : 'a'}·${tb ? 'bᵀ' : 'b'}`;
    return [
      smooth('matMul', how, [left([], ta), right([], tb)], (a, b) => tf.matMul(a, b, ta, tb)),
      smooth('matMul', `${how}, batch`, [left([2], ta), right([2], tb)], (a, b) =>
        tf.matMul(a, b, ta, tb),
      ),
      forward('matMul', `${how}, one matrix on the right`, [left([2], ta), right([], tb)], (a, b) =>
        tf.matMul(a, b, ta, tb),
      ),
      forward('matMul', `${how}, one matrix on the left`, [left([], ta), right([2], tb)], (a, b) =>
        tf.matMul(a, b, ta, tb),
      ),
    ];
  }),
  smooth('matMul', 'two batch axes', [left([2, 2], false), right([2, 2], true)], (a, b) =>
    tf.matMul(a, b, false, true),
  ),
  known(
    'matMul',
    'batch axes that broadcast',
    [
      { ...float(2, 3), shape: [2, 1, 1, 1] },
      { ...float(5, 7, 11), shape: [1, 3, 1, 1] },
    ],
    (a, b) => tf.matMul(a, b),
    { ...float(10, 14, 22, 15, 21, 33), shape: [2, 3, 1, 1] },
  ),
  forward('matMul', 'no rows', [floats([0, 4]), floats([4, 2])], (a, b) => tf.matMul(a, b)),
  forward('matMul', 'empty contraction', [floats([3, 0]), floats([0, 2])], (a, b) =>
    tf.matMul(a, b),
  ),
  forward('matMul', 'int32', [ints([3, 4], 9), ints([4, 2], 5)], (a, b) => tf.matMul(a, b)),
  smooth('dot', 'vectors', [floats([4]), floats([4], 0, 1)], (a, b) => tf.dot(a, b)),
  smooth('outerProduct', 'vectors', [floats([3]), floats([4], 0, 1)], (a, b) =>
    tf.outerProduct(a as tf.Tensor1D, b as tf.Tensor1D),
  ),
  forward(
    'fused.matMul',
    'bias and relu',
    [floats([3, 4]), floats([4, 2]), floats([2])],
    (a, b, bias) => tf.fused.matMul({ a: a, b: b, bias: bias, activation: 'relu' }),
  ),
  forward('fused.matMul', 'no bias, sigmoid', [floats([3, 4]), floats([4, 2])], (a, b) =>
    tf.fused.matMul({ a: a, b: b, activation: 'sigmoid' }),
  ),
];
