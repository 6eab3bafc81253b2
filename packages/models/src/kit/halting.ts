/** When a row is done. Shape suffixes: B = batch. */
import type { RandomStream } from '@eddy/core';
import { noGradient } from '@eddy/tensor';
import { greater, maximum, sigmoid, where, type Tensor } from '@tensorflow/tfjs-core';

import type { HaltingValues } from './contract.ts';

/** The rule by which a row may halt before the last step. */
export type HaltRule =
  | 'nothing'
  /** q_halt > 0 */
  | 'q-halt'
  /** q_halt > q_continue */
  | 'q-halt-over-continue';

/** How a model halts; see `Q_HALT` for TRM's way. */
export interface Halting {
  /** Rule by which a row may leave its slot in training. */
  readonly inTraining: HaltRule;
  /** Rule by which a row keeps its answer in evaluation; most models run every row to the last step. */
  readonly inEvaluation: HaltRule;
  /** True trains q_continue towards what the model's own next step is worth, by one more pass a step. */
  readonly trainsContinue: boolean;
}

/**
 * A row halts in training when q_halt > 0; every row runs to the last step in evaluation.
 *
 * @source arXiv:2510.04871, section 4.6
 */
export const Q_HALT: Halting = {
  inTraining: 'q-halt',
  inEvaluation: 'nothing',
  trainsContinue: false,
};

/** Every row runs to the last step, in training and in evaluation. */
export const NO_HALTING: Halting = {
  inTraining: 'nothing',
  inEvaluation: 'nothing',
  trainsContinue: false,
};

/** The rows that the rule lets halt, as bool. */
export function haltingRows(
  rule: Exclude<HaltRule, 'nothing'>,
  { qHalt_B, qContinue_B }: HaltingValues,
): Tensor {
  return greater(qHalt_B, rule === 'q-halt' ? 0 : qContinue_B);
}

/**
 * The target of q_continue: what the model's own next step is worth.
 *
 *   target = sigmoid(q_halt') where that step is the last, else sigmoid(max(q_halt', q_continue'))
 *
 * @param lastRows_B  rows whose next step would be beyond the last.
 * @param next  the halting values after one more step from the given latents.
 * @source Q-learning without a target network, as in HRM (arXiv:2506.21734)
 */
export function continueTarget(
  latents: Tensor[],
  lastRows_B: Tensor,
  next: (latents: Tensor[]) => HaltingValues,
): Tensor {
  const [target_B] = noGradient(latents, (state) => {
    const { qHalt_B, qContinue_B } = next(state);
    return [sigmoid(where(lastRows_B, qHalt_B, maximum(qHalt_B, qContinue_B)))];
  });
  return target_B!;
}

/** Fewest steps that exploration forces upon a row. */
const MIN_EXPLORED_STEPS = 2;

/** Steps that each row must run before it may halt: 0, or with some probability 2 … maxSteps. */
export function explorationSteps(
  batchSize: number,
  random: RandomStream,
  { probability, maxSteps }: { readonly probability: number; readonly maxSteps: number },
): Int32Array<ArrayBuffer> {
  const choices = maxSteps - MIN_EXPLORED_STEPS + 1;
  return Int32Array.from({ length: batchSize }, () => {
    // Both numbers are drawn for every row, so that a row's do not depend on the others'.
    const explores = random.uniform() < probability;
    const minSteps = choices < 1 ? 0 : MIN_EXPLORED_STEPS + random.integer(choices);
    return explores ? minSteps : 0;
  });
}
