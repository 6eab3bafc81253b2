// Shape suffixes: S = tokens of an example, B = batch, V = vocabulary.
import {
  add,
  argMax,
  cast,
  div,
  equal,
  greater,
  greaterEqual,
  logicalAnd,
  maximum,
  mul,
  notEqual,
  oneHot,
  scalar,
  sum,
  type Scalar,
  type Tensor,
} from '@tensorflow/tfjs-core';

import { binaryCrossEntropyWithLogits } from './binary-cross-entropy.ts';
import { softmaxCrossEntropy } from './softmax.ts';
import { stablemaxCrossEntropy } from './stablemax.ts';
import type { TokenLoss } from './token-loss.ts';

/** Label of a token that is not scored. */
export const IGNORED_LABEL = -100;

export type LossName = 'stablemax' | 'softmax';

const TOKEN_LOSSES: Record<LossName, TokenLoss> = {
  stablemax: stablemaxCrossEntropy,
  softmax: softmaxCrossEntropy,
};

export interface ActLossArguments {
  readonly loss: LossName;
  readonly logits_SBV: Tensor;
  /** int32; IGNORED_LABEL where not scored. */
  readonly labels_SB: Tensor;
  /** Logit of halting; absent in a model without a halting head. */
  readonly qHalt_B?: Tensor;
  /** Logit of going on; needed where it is trained. */
  readonly qContinue_B?: Tensor;
  /** sigmoid of the next step's value; absent where the continue head is not trained. */
  readonly targetContinue_B?: Tensor;
  /** bool: rows that halt with this step. */
  readonly halted_B: Tensor;
  /** True if rows without labels count in the losses of halting and going on. */
  readonly countsUnlabelled?: boolean;
  /** int32: supervision steps of each row, this one included; absent in a model of one step. */
  readonly steps_B?: Tensor;
}

export interface ActLoss {
  /** Summed over the batch. */
  readonly loss: Scalar;
  /** Sums under the reference's names. */
  readonly metrics: Record<string, Scalar>;
  /** int32 */
  readonly preds_SB: Tensor;
}

/**
 * Deep supervision with adaptive computation time:
 *
 *   loss = Σ_rows [ mean over scored tokens of −log p(label) + ½·BCE(q_halt, row solved)
 *                   + ½·BCE(q_continue, target) ]
 *
 * Every row counts in the loss, halted or not; a row without labels, if it counts, counts as solved (0 of 0), as in
 * the reference. The other metrics are sums over rows that halted and have labels: count, accuracy,
 * exact_accuracy, q_halt_accuracy, steps. What a model does not give (halting values, steps) adds no
 * term to the loss and no metric.
 *
 * @source arXiv:2510.04871, section 2.3 and figure 3
 * @reference models/losses.py `ACTLossHead`
 */
export function actLoss(args: ActLossArguments): ActLoss {
  const { logits_SBV, labels_SB, qHalt_B, qContinue_B, targetContinue_B, halted_B, steps_B } = args;
  const V = logits_SBV.shape[2]!;
  const scored_SB = notEqual(labels_SB, scalar(IGNORED_LABEL, 'int32'));
  const mask_SB = cast(scored_SB, 'float32');
  const numScored_B = sum(mask_SB, 0);
  const divisor_B = maximum(numScored_B, 1);

  // An unscored token takes label 0 here and leaves by the mask.
  const target_SBV = cast(oneHot(maximum(labels_SB, scalar(0, 'int32')), V), 'float32');
  const tokenLoss_SB = mul(TOKEN_LOSSES[args.loss](logits_SBV, target_SBV), mask_SB);
  const lmLoss: Scalar = sum(div(sum(tokenLoss_SB, 0), divisor_B));

  const preds_SB = argMax(logits_SBV, -1);
  const numCorrect_B = sum(cast(logicalAnd(scored_SB, equal(preds_SB, labels_SB)), 'float32'), 0);
  const solved_B = equal(numCorrect_B, numScored_B);
  const { countsUnlabelled = true } = args;
  const sumOfRows = (loss_B: Tensor) =>
    sum<Scalar>(countsUnlabelled ? loss_B : mul(loss_B, cast(greater(numScored_B, 0), 'float32')));
  const qHaltLoss =
    qHalt_B && sumOfRows(binaryCrossEntropyWithLogits(qHalt_B, cast(solved_B, 'float32')));

  const counted_B = logicalAnd(halted_B, greater(numScored_B, 0));
  const count = (rows_B: Tensor) => sum<Scalar>(cast(logicalAnd(counted_B, rows_B), 'float32'));
  const countedMask_B = cast(counted_B, 'float32');
  const metrics: Record<string, Scalar> = {
    count: sum(countedMask_B),
    accuracy: sum(mul(countedMask_B, div(numCorrect_B, divisor_B))),
    exact_accuracy: count(solved_B),
    ...(qHalt_B && { q_halt_accuracy: count(equal(greaterEqual(qHalt_B, 0), solved_B)) }),
    ...(steps_B && { steps: sum<Scalar>(mul(countedMask_B, cast(steps_B, 'float32'))) }),
    lm_loss: lmLoss,
    ...(qHaltLoss && { q_halt_loss: qHaltLoss }),
  };
  let loss = qHaltLoss === undefined ? lmLoss : add<Scalar>(lmLoss, mul(qHaltLoss, 0.5));
  if (targetContinue_B !== undefined && qContinue_B !== undefined) {
    const qContinueLoss = sumOfRows(binaryCrossEntropyWithLogits(qContinue_B, targetContinue_B));
    metrics['q_continue_loss'] = qContinueLoss;
    loss = add(loss, mul(qContinueLoss, 0.5));
  }
  return { loss, metrics, preds_SB };
}
