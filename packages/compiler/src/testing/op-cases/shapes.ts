import * as tf from '@tensorflow/tfjs-core';

import { bools, floats, forward, int, ints, smooth, type OpCase } from './op-case.ts';

const x = floats([2, 3, 4]);
type Unary = (x: tf.Tensor) => tf.Tensor | tf.Tensor[];

/** Moving elements: linear, so every case has a gradient. */
const MOVES: readonly (readonly [string, string, Unary])[] = [
  ['reshape', 'new axes', (t) => tf.reshape(t, [4, 1, 6])],
  ['reshape', 'inferred axis', (t) => tf.reshape(t, [3, -1])],
  ['expandDims', 'last axis', (t) => tf.expandDims(t, -1)],
  ['squeeze', 'axis of one', (t) => tf.squeeze(tf.reshape(t, [2, 1, 12]), [1])],
  ['transpose', 'reversed', (t) => tf.transpose(t)],
  ['transpose', 'rotated', (t) => tf.transpose(t, [1, 2, 0])],
  ['slice', 'inside', (t) => tf.slice(t, [0, 1, 1], [2, 2, -1])],
  ['slice', 'nothing', (t) => tf.slice(t, [0, 1, 1], [2, 0, 2])],
  ['stack', 'with itself', (t) => tf.stack([t, tf.mul(t, 2)], 1)],
  ['unstack', 'middle axis', (t) => tf.unstack(t, 1)],
  ['concat', 'last axis', (t) => tf.concat([t, tf.slice(t, [0, 0, 0], [2, 3, 2])], -1)],
  ['concat', 'first axis', (t) => tf.concat([t, tf.mul(t, 3)], 0)],
  ['concat', 'an empty part', (t) => tf.concat([t, tf.zeros([2, 0, 4])], 1)],
  ['split', 'equal parts', (t) => tf.split(t, 2, 2)],
  ['split', 'given sizes', (t) => tf.split(t, [1, 2], 1)],
  ['tile', 'two axes', (t) => tf.tile(t, [2, 1, 3])],
  ['tile', 'once', (t) => tf.tile(t, [1, 1, 1])],
  ['broadcastTo', 'new and stretched axes', (t) => tf.broadcastTo(tf.slice(t, 0, 1), [5, 3, 4])],
  [
    'pad',
    'zeros',
    (t) =>
      tf.pad(t, [
        [1, 0],
        [0, 2],
        [1, 1],
      ]),
  ],
  [
    'pad',
    'a constant',
    (t) =>
      tf.pad(
        t,
        [
          [0, 0],
          [0, 0],
          [0, 1],
        ],
        2.5,
      ),
  ],
  [
    'mirrorPad',
    'reflect',
    (t) =>
      tf.mirrorPad(
        t,
        [
          [0, 0],
          [2, 1],
          [1, 3],
        ],
        'reflect',
      ),
  ],
  [
    'mirrorPad',
    'symmetric',
    (t) =>
      tf.mirrorPad(
        t,
        [
          [0, 0],
          [2, 1],
          [1, 3],
        ],
        'symmetric',
      ),
  ],
  ['reverse', 'two axes', (t) => tf.reverse(t, [0, 2])],
];

const CREATED: readonly (readonly [string, string, Unary])[] = [
  ['zerosLike', 'float32', tf.zerosLike],
  ['onesLike', 'float32', tf.onesLike],
  ['fill', 'added to the operand', (t) => tf.add(t, tf.fill([4], 2.5))],
  ['range', 'int32', (t) => tf.gather(t, tf.range(0, 3, 2, 'int32'), 2)],
  ['range', 'downwards', (t) => tf.add(t, tf.range(3, -1, -1))],
  ['range', 'fractional step', (t) => tf.add(t, tf.range(0, 1, 0.25))],
  ['linspace', 'four points', (t) => tf.add(t, tf.linspace(0, 1, 4))],
  ['linspace', 'one point', (t) => tf.add(t, tf.linspace(3, 7, 1))],
  ['eye', 'product', (t) => tf.matMul(tf.reshape(t, [6, 4]), tf.eye(4))],
  ['clone', 'float32', (t) => tf.clone(t)],
];

/** TF.js has no gradient for these. */
const STRIDED: readonly (readonly [string, string, Unary])[] = [
  ['stridedSlice', 'steps', (t) => tf.stridedSlice(t, [0, 0, 0], [2, 3, 4], [1, 2, 3])],
  ['stridedSlice', 'backwards', (t) => tf.stridedSlice(t, [1, 2, 3], [0, 0, 0], [-1, -2, -1])],
  [
    'stridedSlice',
    'shrunk axis',
    (t) => tf.stridedSlice(t, [1, 0, 1], [2, 3, 4], [1, 1, 1], 0, 0, 0, 0, 1),
  ],
  ['stridedSlice', 'nothing', (t) => tf.stridedSlice(t, [0, 2, 0], [2, 2, 4], [1, 1, 1])],
];

export const shapeCases: readonly OpCase[] = [
  ...MOVES.map(([op, name, f]) => smooth(op, name, [x], (t) => f(t))),
  ...STRIDED.map(([op, name, f]) => forward(op, name, [x], (t) => f(t))),
  ...CREATED.map(([op, name, f]) => forward(op, name, [x], (t) => f(t))),
  forward('concat', 'int32', [int(1, 2), int(3)], (a, b) => tf.concat([a, b])),
  forward('concat', 'bool', [bools([2]), bools([3])], (a, b) => tf.concat([a, b])),
  forward('concat', 'only empty parts', [floats([2, 0]), floats([3, 0])], (a, b) =>
    tf.concat([a, b]),
  ),
  forward('pad', 'int32', [ints([2, 2], 5)], (t) =>
    tf.pad(
      t,
      [
        [1, 0],
        [0, 1],
      ],
      7,
    ),
  ),
  forward('reverse', 'bool', [bools([5])], (t) => tf.reverse(t)),
  forward('onesLike', 'bool', [bools([5])], (t) => tf.onesLike(t)),
  forward('transpose', 'int32', [ints([2, 3], 9)], (t) => tf.transpose(t)),
  forward('tile', 'bool', [bools([2])], (t) => tf.tile(t, [3])),
];
