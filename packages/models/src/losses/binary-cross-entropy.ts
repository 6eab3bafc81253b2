import {
  abs,
  add,
  exp,
  log,
  mul,
  neg,
  relu,
  sigmoid,
  sub,
  type Tensor,
} from '@tensorflow/tfjs-core';

import { withGradient } from '../nn/with-gradient.ts';

/**
 * Binary cross entropy of sigmoid(x) with a target:
 *
 *   loss = max(x, 0) − x·t + log(1 + exp(−|x|)), with gradient sigmoid(x) − t
 *
 * @param target  in [0, 1], a constant to the gradient.
 * @returns the loss of each element.
 * @reference torch.nn.functional.binary_cross_entropy_with_logits
 */
export function binaryCrossEntropyWithLogits(logits: Tensor, target: Tensor): Tensor {
  return withGradient([logits], (x) => ({
    value: add(sub(relu(x), mul(x, target)), log(add(exp(neg(abs(x))), 1))),
    saved: [x, target],
    gradient: (dy, [kept, t]) => mul(sub(sigmoid(kept!), t!), dy),
  }));
}
