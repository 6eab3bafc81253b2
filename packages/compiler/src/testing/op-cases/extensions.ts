import * as tf from '@tensorflow/tfjs-core';
import { bfloat16, noGradient, recomputable, recomputing, repeat } from '@eddy/tensor';

import { detached, floats, forward, smooth, type OpCase } from './op-case.ts';

const x = floats([3, 2], -1, 1);
const w = floats([2, 2], -1, 1);

/** What @eddy/core adds to TF.js. */
export const extensionCases: readonly OpCase[] = [
  forward('repeat', 'a captured tensor', [x, w], (z, m) =>
    repeat(5, [z], ([state]) => [tf.tanh(tf.matMul(state!, m))]),
  ),
  forward('repeat', 'once', [x, w], (z, m) =>
    repeat(1, [z], ([state]) => [tf.tanh(tf.matMul(state!, m))]),
  ),
  forward('repeat', 'swapped states', [x, floats([3, 2], 3, 4)], (a, b) =>
    repeat(3, [a, b], ([left, right]) => [right!, tf.add(left!, 1)]),
  ),
  forward('repeat', 'nested', [x, w], (z, m) =>
    repeat(2, [z, tf.zerosLike(z)], ([outer, count]) => [
      repeat(3, [outer!], ([inner]) => [tf.sin(tf.add(tf.matMul(inner!, m), count!))])[0]!,
      tf.add(count!, 1),
    ]),
  ),
  forward('repeat', 'a state that the body hands on', [x, floats([3, 2], 3, 4)], (a, b) =>
    repeat(3, [a, b], ([left, right]) => [tf.mul(left!, right!), right!]),
  ),
  detached('noGradient', 'two results of two shapes', [x, w], (z, m) => {
    const [a, b] = noGradient([z], ([state]) => [
      tf.matMul(state!, m),
      tf.sum(tf.square(state!), 0),
    ]);
    return tf.add(tf.mul(tf.matMul(z, m), a!), b!);
  }),
  smooth('recomputable', 'two pieces with the same weight', [x, w], (z, m) => {
    const piece = (v: tf.Tensor) =>
      recomputable(v, { m }, (input, { m: weight }) => tf.tanh(tf.matMul(input, weight!)));
    return recomputing(() => piece(piece(z)));
  }),
  smooth('recomputable', 'a piece inside another', [x], (z) =>
    recomputing(() =>
      recomputable(z, {}, (outer) =>
        tf.mul(
          outer,
          recomputable(outer, {}, (inner) => tf.sin(inner)),
        ),
      ),
    ),
  ),
  smooth('recomputable', 'a piece that hands on its operand', [x], (z) =>
    recomputing(() => recomputable(tf.square(z), {}, (input) => input)),
  ),
  detached('bfloat16', 'policy float32', [x], (z) => tf.square(bfloat16(z))),
];
