import {
  exp,
  expandDims,
  log,
  max,
  mul,
  softmax,
  sub,
  sum,
  type Tensor,
} from '@tensorflow/tfjs-core';

import { withGradient } from '../nn/with-gradient.ts';

/**
 * Cross entropy of softmax: loss = log Σ exp(x) − x(label), with gradient softmax(x) − target.
 *
 * @param logits  [..., V]
 * @param target  one-hot labels [..., V], a constant to the gradient.
 * @returns the loss of each token, [...].
 * @reference models/losses.py `softmax_cross_entropy`
 */
export function softmaxCrossEntropy(logits: Tensor, target: Tensor): Tensor {
  return withGradient([logits], (x) => {
    const shifted = sub(x, max(x, -1, true));
    return {
      value: sub(log(sum(exp(shifted), -1)), sum(mul(target, shifted), -1)),
      saved: [x, target],
      gradient: (dy, [kept, t]) => mul(sub(softmax(kept!), t!), expandDims(dy, -1)),
    };
  });
}
