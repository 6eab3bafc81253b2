// Shape suffixes: L = positions, K = head dim; leading axes of x are free.
import { add, concat, mul, neg, split, type Tensor } from '@tensorflow/tfjs-core';

import { withGradient } from './with-gradient.ts';

/** Cosines and sines of every position and channel, [L, K] row by row. */
export interface RotaryTables {
  readonly cos: Float32Array;
  readonly sin: Float32Array;
}

/**
 * Tables of the rotary position embedding.
 *
 *   angle(p, i) = p · theta^(−2i/K), i = 0 … K/2 − 1; both halves of the channels hold the same angles
 *
 * Rounded to float32 where the reference rounds, so that far positions agree too.
 *
 * @param headDim  even.
 * @source Su et al. 2021, arXiv:2104.09864
 * @reference models/layers.py `RotaryEmbedding`
 */
export function rotaryTables(numPositions: number, headDim: number, theta: number): RotaryTables {
  const half = headDim / 2;
  const cos = new Float32Array(numPositions * headDim);
  const sin = new Float32Array(numPositions * headDim);
  for (let i = 0; i < half; i++) {
    const inverseFrequency = Math.fround(1 / Math.fround(theta ** Math.fround((2 * i) / headDim)));
    for (let position = 0; position < numPositions; position++) {
      const angle = Math.fround(position * inverseFrequency);
      for (const channel of [i, i + half]) {
        cos[position * headDim + channel] = Math.cos(angle);
        sin[position * headDim + channel] = Math.sin(angle);
      }
    }
  }
  return { cos, sin };
}

/**
 * Turns each pair of channels (i, i + K/2) by its angle.
 *
 *   y = x·cos + concat(−x₂, x₁)·sin
 *
 * A rotation, so the gradient is the rotation back.
 *
 * @param x  [..., L, K]
 * @reference models/layers.py `apply_rotary_pos_emb`
 */
export function applyRotary(x: Tensor, cos_LK: Tensor, sin_LK: Tensor): Tensor {
  return withGradient([x], (input) => ({
    value: rotate(input, cos_LK, sin_LK),
    saved: [cos_LK, sin_LK],
    gradient: (dy, [cos, sin]) => rotate(dy, cos!, neg(sin!)),
  }));
}

function rotate(x: Tensor, cos_LK: Tensor, sin_LK: Tensor): Tensor {
  const [first, second] = split(x, 2, -1) as [Tensor, Tensor];
  return add(mul(x, cos_LK), mul(concat([neg(second), first], -1), sin_LK));
}
