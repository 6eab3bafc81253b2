import * as tf from '@tensorflow/tfjs-core';

import { float, floats, forward, int, ints, known, smooth, type OpCase } from './op-case.ts';

const x4 = floats([2, 4, 6, 3]);
const vector = floats([3], 0.5, 2);

/** Blocks of space, normalisation over a batch, and `einsum`. */
export const spaceCases: readonly OpCase[] = [
  smooth('spaceToBatchND', 'no padding', [x4], (x) =>
    tf.spaceToBatchND(
      x,
      [2, 3],
      [
        [0, 0],
        [0, 0],
      ],
    ),
  ),
  smooth('spaceToBatchND', 'padding', [floats([2, 3, 4, 1])], (x) =>
    tf.spaceToBatchND(
      x,
      [2, 3],
      [
        [1, 0],
        [1, 1],
      ],
    ),
  ),
  smooth('batchToSpaceND', 'no crops', [floats([12, 2, 2, 1])], (x) =>
    tf.batchToSpaceND(
      x,
      [2, 3],
      [
        [0, 0],
        [0, 0],
      ],
    ),
  ),
  smooth('batchToSpaceND', 'crops', [floats([6, 2, 2, 2])], (x) =>
    tf.batchToSpaceND(
      x,
      [2, 3],
      [
        [1, 0],
        [1, 1],
      ],
    ),
  ),
  forward('depthToSpace', 'channels last', [floats([2, 2, 3, 8])], (x) =>
    tf.depthToSpace(x as tf.Tensor4D, 2),
  ),
  smooth(
    'batchNorm',
    'vectors of channels',
    [x4, floats([3]), vector, floats([3], -1, 1), floats([3], 0.3, 1.7)],
    (x, mean, variance, offset, scale) => tf.batchNorm(x, mean, variance, offset, scale, 0.01),
  ),
  smooth('batchNorm', 'no offset, no scale', [x4, floats([3]), vector], (x, mean, variance) =>
    tf.batchNorm(x, mean, variance),
  ),
  smooth(
    'batchNorm',
    'an element for each of x',
    [floats([2, 3]), floats([2, 3], 0, 1), floats([2, 3], 0.5, 2)],
    (x, mean, variance) => tf.batchNorm(x, mean, variance),
  ),
  ...(
    [
      ['ij,jk->ik', [2, 3], [3, 4]],
      ['bij,bkj->bik', [2, 3, 4], [2, 5, 4]],
      ['bhqd,bhkd->bhqk', [1, 2, 3, 4], [1, 2, 5, 4]],
      ['bij,j->bi', [2, 3, 4], [4]],
      ['ij,kl->lijk', [2, 3], [3, 2]],
      ['i,i->', [4], [4]],
    ] as const
  ).map(([equation, a, b]) =>
    forward('einsum', equation, [floats(a), floats(b, -1, 3)], (x, y) => tf.einsum(equation, x, y)),
  ),
  forward('einsum', 'ij->ji', [floats([2, 3])], (x) => tf.einsum('ij->ji', x)),
  forward('einsum', 'ijk->j', [floats([2, 3, 2])], (x) => tf.einsum('ijk->j', x)),
  known(
    'einsum',
    'a letter of one operand only is added up',
    [
      { ...float(1, 2, 3, 4), shape: [2, 2] },
      { ...float(1, 2, 3, 4), shape: [2, 2] },
    ],
    (x, y) => tf.einsum('ij,jk->k', x, y),
    float(22, 32),
  ),
  forward('einsum', 'int32', [ints([2, 3], 9), ints([3, 2], 5)], (x, y) =>
    tf.einsum('ij,jk->ik', x, y),
  ),
  forward('diag', 'vector', [floats([3])], (x) => tf.diag(x)),
  forward('diag', 'matrix of int32', [ints([2, 2], 9)], (x) => tf.diag(x)),
  forward('bincount', 'no weights', [int(3, 1, 3, 0, 9, 3)], (x) =>
    tf.bincount(x as tf.Tensor1D, tf.tensor1d([]), 5),
  ),
  forward('bincount', 'weights', [int(3, 1, 3, 0, 9, 3), floats([6])], (x, weights) =>
    tf.bincount(x as tf.Tensor1D, weights as tf.Tensor1D, 5),
  ),
  forward('denseBincount', 'rows', [ints([2, 5], 4)], (x) =>
    tf.denseBincount(x as tf.Tensor2D, tf.tensor2d([], [0, 0]), 3),
  ),
  forward('denseBincount', 'rows, weights', [ints([2, 5], 4), floats([2, 5])], (x, weights) =>
    tf.denseBincount(x as tf.Tensor2D, weights as tf.Tensor2D, 4),
  ),
  forward('denseBincount', 'rows, there or not', [ints([2, 5], 4)], (x) =>
    tf.denseBincount(x as tf.Tensor2D, tf.tensor2d([], [0, 0]), 5, true),
  ),
  ...(['left', 'right'] as const).flatMap((side) => [
    forward(
      'searchSorted',
      `${side}, rows`,
      [
        { shape: [2, 4], dtype: 'float32', data: Float32Array.of(-1, 0, 0, 2, 1, 2, 3, 4) },
        { shape: [2, 3], dtype: 'float32', data: Float32Array.of(0, 5, -2, 3, 2.5, 1) },
      ],
      (rows, values) => tf.searchSorted(rows, values, side),
    ),
    forward(
      'searchSorted',
      `${side}, vector of int32`,
      [int(1, 3, 3, 7), int(3, 0, 9)],
      (row, values) => tf.searchSorted(row, values, side),
    ),
  ]),
  forward('lowerBound', 'vector', [int(1, 3, 3, 7), int(3, 0, 9)], (row, values) =>
    tf.lowerBound(row, values),
  ),
  forward('upperBound', 'vector', [int(1, 3, 3, 7), int(3, 0, 9)], (row, values) =>
    tf.upperBound(row, values),
  ),
  forward(
    'sparseToDense',
    'elements of a matrix',
    [{ ...int(0, 1, 2, 0), shape: [2, 2] }, floats([2])],
    (at, values) => tf.sparseToDense(at, values, [3, 2], 0.5),
  ),
  forward('sparseToDense', 'one value for all', [{ ...int(0, 3), shape: [2, 1] }], (at) =>
    tf.sparseToDense(at, tf.scalar(7), [4], -1),
  ),
  forward(
    'sparseReshape',
    'one size left open',
    [{ ...int(0, 0, 0, 0, 1, 0, 1, 2, 3), shape: [3, 3] }],
    (at) => {
      const { outputIndices, outputShape } = tf.sparse.sparseReshape(
        at as tf.Tensor2D,
        tf.tensor1d([2, 3, 6], 'int32'),
        tf.tensor1d([9, -1], 'int32'),
      ) as { outputIndices: tf.Tensor; outputShape: tf.Tensor };
      return [outputIndices, outputShape];
    },
  ),
  forward('broadcastArgs', 'two lengths', [int(4, 1, 3), int(5, 1)], (a, b) =>
    tf.broadcastArgs(a, b),
  ),
  forward('linalg.bandPart', 'lower and upper', [floats([4, 5])], (x) =>
    tf.linalg.bandPart(x, 1, 2),
  ),
];
