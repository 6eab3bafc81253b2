import {
  abs,
  add,
  div,
  expandDims,
  greaterEqual,
  log,
  mul,
  neg,
  reciprocal,
  sub,
  sum,
  where,
  type Tensor,
} from '@tensorflow/tfjs-core';

import { withGradient } from '../nn/with-gradient.ts';

/**
 * Cross entropy of stablemax, a softmax with a slower function than exp:
 *
 *   s(x) = x + 1 (x ≥ 0), 1 / (1 − x) (x < 0);  loss = log Σ s − log s(label)
 *
 * With a = |x| + 1, s is a or 1/a, log s is ±log a, and s′/s = 1/a: a is at least 1, so neither
 * branch of the select can divide by zero. (As written, the untaken branch 1/(1 − x) is infinite at
 * a logit of exactly 1, and its gradient NaN.) The gradient is (s/Σs − target) / a.
 *
 * Float32 in place of the reference's float64: the absolute error of a loss is a few 1e-7.
 *
 * @param logits  [..., V]
 * @param target  one-hot labels [..., V], a constant to the gradient.
 * @returns the loss of each token, [...].
 * @source Prieto et al. 2025, arXiv:2501.04697
 * @reference models/losses.py `stablemax_cross_entropy`
 */
export function stablemaxCrossEntropy(logits: Tensor, target: Tensor): Tensor {
  return withGradient([logits], (x) => {
    const a = add(abs(x), 1);
    const s = stablemax(x, a);
    const labelA = sum(mul(target, a), -1);
    const labelX = sum(mul(target, x), -1);
    const logA = log(labelA);
    const logLabel = where(greaterEqual(labelX, 0), logA, neg(logA));
    return {
      value: sub(log(sum(s, -1)), logLabel),
      saved: [x, target],
      gradient: (dy, [kept, t]) => {
        const again = add(abs(kept!), 1);
        const numerators = stablemax(kept!, again);
        const p = div(numerators, sum(numerators, -1, true));
        return mul(div(sub(p, t!), again), expandDims(dy, -1));
      },
    };
  });
}

/** s(x), given a = |x| + 1. */
function stablemax(x: Tensor, a: Tensor): Tensor {
  return where(greaterEqual(x, 0), a, reciprocal(a));
}
