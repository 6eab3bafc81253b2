/** A small convolutional network that learns which cells of a maze are dead ends. */
import * as tf from '@tensorflow/tfjs-core';
import type { HostTensor, HostTree, Program, SpecTree } from '@eddy/tensor';

const BATCH = 4;
const SIDE = 9;
const HIDDEN = 8;
const RATE = 0.5;

const STATE: SpecTree = {
  filter1: { shape: [3, 3, 1, HIDDEN], dtype: 'float32' },
  bias1: { shape: [HIDDEN], dtype: 'float32' },
  filter2: { shape: [3, 3, HIDDEN, 1], dtype: 'float32' },
  bias2: { shape: [1], dtype: 'float32' },
};

/** One step of gradient descent: conv2d, relu, conv2d, cross-entropy of each cell. */
export const mazeCnnStep: Program = {
  name: 'maze-cnn',
  state: STATE,
  inputs: {
    maze: { shape: [BATCH, SIDE, SIDE, 1], dtype: 'float32' },
    deadEnds: { shape: [BATCH, SIDE, SIDE, 1], dtype: 'float32' },
  },
  run(state, { maze, deadEnds }) {
    const names = Object.keys(STATE);
    const loss = (...weights: tf.Tensor[]): tf.Scalar => {
      const [filter1, bias1, filter2, bias2] = weights as [
        tf.Tensor4D,
        tf.Tensor1D,
        tf.Tensor4D,
        tf.Tensor1D,
      ];
      const hidden = tf.relu(tf.add(tf.conv2d(maze as tf.Tensor4D, filter1, 1, 'same'), bias1));
      const logits = tf.add(tf.conv2d(hidden as tf.Tensor4D, filter2, 1, 'same'), bias2);
      return tf.losses.sigmoidCrossEntropy(deadEnds!, logits);
    };
    const { value, grads } = tf.valueAndGrads(loss)(names.map((name) => state[name]!));
    const next = names.map((name, i) => [name, tf.sub(state[name]!, tf.mul(grads[i]!, RATE))]);
    return { state: Object.fromEntries(next) as typeof state, outputs: { loss: value } };
  },
};

/** Scattered numbers in (−0.5, 0.5), the same each time. */
function scattered(count: number, start: number): number[] {
  return Array.from({ length: count }, (_, i) => (((i + start) * 0.6180339887498949) % 1) - 0.5);
}

export function mazeCnnState(): HostTree {
  return Object.fromEntries(
    Object.entries(STATE).map(([name, { shape }], i): [string, HostTensor] => {
      const count = shape.reduce((product, dim) => product * dim, 1);
      const data = Float32Array.from(scattered(count, 17 * i), (x) => x * 0.6);
      return [name, { shape, dtype: 'float32', data }];
    }),
  );
}

/** Mazes with walls at scattered places, and the open cells that have at most one open neighbour. */
export function mazeCnnInputs(): HostTree {
  const shape = [BATCH, SIDE, SIDE, 1];
  const cells = BATCH * SIDE * SIDE;
  const isOpen = scattered(cells, 1).map((x) => x > -0.1);
  const openAt = (maze: number, y: number, x: number) =>
    y >= 0 && y < SIDE && x >= 0 && x < SIDE && isOpen[(maze * SIDE + y) * SIDE + x]!;
  const isDeadEnd = isOpen.map((open, i) => {
    const [x, y, maze] = [i % SIDE, Math.floor(i / SIDE) % SIDE, Math.floor(i / (SIDE * SIDE))];
    const around = [
      openAt(maze, y - 1, x),
      openAt(maze, y + 1, x),
      openAt(maze, y, x - 1),
      openAt(maze, y, x + 1),
    ];
    return open && around.filter(Boolean).length <= 1;
  });
  const tensor = (flags: readonly boolean[]): HostTensor => ({
    shape,
    dtype: 'float32',
    data: Float32Array.from(flags, Number),
  });
  return { maze: tensor(isOpen), deadEnds: tensor(isDeadEnd) };
}
