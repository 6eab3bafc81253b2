import { bfloat16 } from '@eddy/tensor';
import { add, mean, mul, rsqrt, square, sub, type Tensor } from '@tensorflow/tfjs-core';

import { withGradient } from './with-gradient.ts';

/**
 * Scales each vector by the inverse of its root mean square.
 *
 *   y = x / sqrt(mean(x², axis) + epsilon)
 *
 * The gradient is written out, dx = r·(dy − y·mean(dy·y)) with r the scale: half the operations of
 * the taped one, and only y and r are kept for it.
 *
 * @param x  activations; the mean is taken in float32.
 * @param axis  the axis that vectors lie along.
 * @param epsilon  added to the mean square, so in units of x²; TRM uses 1e-5.
 * @returns y, stored in bfloat16 under mixed precision.
 * @source Zhang & Sennrich 2019, arXiv:1910.07467, Eq. 4. Differs: no gain g, as in TRM.
 * @reference models/layers.py `rms_norm`
 */
export function rmsNorm(x: Tensor, axis: number, epsilon: number): Tensor {
  return withGradient([x], (input) => {
    const scale = rsqrt(add(mean(square(input), axis, true), epsilon));
    const value = bfloat16(mul(input, scale));
    return {
      value,
      saved: [value, scale],
      gradient: (dy, saved) => {
        const [y, r] = saved as [Tensor, Tensor];
        return mul(r, sub(dy, mul(y, mean(mul(dy, y), axis, true))));
      },
    };
  });
}
