import * as tf from '@tensorflow/tfjs-core';

import { floats, forward, int, ints, smooth, type OpCase } from './op-case.ts';

const table = floats([5, 3]);

export const indexingCases: readonly OpCase[] = [
  smooth('gather', 'rows, repeated', [table, int(4, 0, 4, 2)], (x, ids) => tf.gather(x, ids)),
  smooth('gather', 'columns', [table, int(2, 0)], (x, ids) => tf.gather(x, ids, 1)),
  smooth('gather', 'index matrix', [table, ints([2, 2], 5)], (x, ids) => tf.gather(x, ids)),
  forward('gather', 'index matrix, middle axis', [floats([2, 5, 3]), ints([2, 2], 5)], (x, ids) =>
    tf.gather(x, ids, 1),
  ),
  forward('gather', 'batch axis', [floats([2, 5, 3]), ints([2, 4], 5)], (x, ids) =>
    tf.gather(x, ids, 1, 1),
  ),
  forward('gather', 'int32', [ints([5, 2], 9), int(4, 1)], (x, ids) => tf.gather(x, ids)),
  forward('gatherND', 'elements', [table, { ...int(0, 1, 4, 2), shape: [2, 2] }], (x, at) =>
    tf.gatherND(x, at),
  ),
  forward('gatherND', 'rows', [table, { ...int(3, 1), shape: [2, 1] }], (x, at) =>
    tf.gatherND(x, at),
  ),
  forward(
    'scatterND',
    'rows, repeated',
    [{ ...int(3, 1, 3), shape: [3, 1] }, floats([3, 2])],
    (at, u) => tf.scatterND(at, u, [5, 2]),
  ),
  forward('scatterND', 'elements', [{ ...int(0, 1, 4, 0), shape: [2, 2] }, floats([2])], (at, u) =>
    tf.scatterND(at, u, [5, 2]),
  ),
  forward(
    'tensorScatterUpdate',
    'rows',
    [table, { ...int(3, 1), shape: [2, 1] }, floats([2, 3], 7, 9)],
    (x, at, u) => tf.tensorScatterUpdate(x, at, u),
  ),
  smooth(
    'unsortedSegmentSum',
    'repeated and empty segments',
    [table, int(2, 0, 2, 3, 0)],
    (x, ids) => tf.unsortedSegmentSum(x, ids as tf.Tensor1D, 5),
  ),
  forward('oneHot', 'default values', [int(1, 0, 3)], (ids) => tf.oneHot(ids, 4)),
  forward('oneHot', 'outside of the range', [int(1, -1, 9)], (ids) => tf.oneHot(ids, 4)),
  forward('oneHot', 'given values, matrix', [ints([2, 2], 3)], (ids) =>
    tf.oneHot(ids, 3, 2, -1, 'float32'),
  ),
];
