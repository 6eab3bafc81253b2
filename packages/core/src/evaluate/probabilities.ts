/** How sure a model is of its answer: the probability of the token that it gives each cell. */
import {
  cast,
  div,
  exp,
  fill,
  max,
  mul,
  oneHot,
  sub,
  sum,
  type Tensor,
} from '@tensorflow/tfjs-core';

import type { TensorTree } from '@eddy/tensor';

/** float32 [B, S]: an output of the evaluation's program, made of a model's `logits` and `preds`. */
export const PROBABILITIES = 'probabilities';
const [LOGITS, PREDS] = ['logits', 'preds'];

/** Outputs that an evaluation can read of a model: its own, and the probabilities of its answer. */
export function availableOutputs(outputs: readonly string[]): readonly string[] {
  const canTell = outputs.includes(LOGITS) && outputs.includes(PREDS);
  return canTell && !outputs.includes(PROBABILITIES) ? [...outputs, PROBABILITIES] : outputs;
}

/** Adds the probabilities to a step's outputs where they are wanted and the model has none of its own. */
export function withProbabilities(outputs: TensorTree, wanted: readonly string[]): TensorTree {
  if (!wanted.includes(PROBABILITIES) || outputs[PROBABILITIES] !== undefined) return outputs;
  return {
    ...outputs,
    [PROBABILITIES]: answerProbabilities(outputs[LOGITS]!, outputs[PREDS]!),
  };
}

/**
 * Returns the probability of each chosen token, softmax(logits)[preds], and −1 everywhere where logits
 * are not [B, S, V].
 *
 * @param logits  [B, S, V]
 * @param preds  int32 [B, S]
 */
function answerProbabilities(logits: Tensor, preds: Tensor): Tensor {
  const [rows, cells] = preds.shape;
  const fits =
    logits.rank === 3 && preds.rank === 2 && logits.shape[0] === rows && logits.shape[1] === cells;
  if (!fits) return fill(preds.shape, -1);
  const values = cast(logits, 'float32');
  const weights = exp(sub(values, max(values, -1, true)));
  const chosen = cast(oneHot(cast(preds, 'int32'), logits.shape[2]!), 'float32');
  return div(sum(mul(weights, chosen), -1), sum(weights, -1));
}
