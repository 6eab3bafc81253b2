/** When a row is done. Shape suffixes: B = batch. */
import type { RandomStream } from '@eddy/core';
import { noGradient } from '@eddy/tensor';
import { greater, maximum, sigmoid, where, type Tensor } from '@tensorflow/tfjs-core';

import type { Readings } from '../network/heads.ts';

/** What lets a row halt before the last step. */
export type HaltRule =
  | 'nothing'
  /** q_halt > 0 */
  | 'q-halt'
  /** q_halt > q_continue */
  | 'q-halt-over-continue';

type HaltingValues = Pick<Readings, 'qHalt_B' | 'qContinue_B'>;

/** The rows that the rule lets halt, as bool. */
export function haltingRows(
  rule: Exclude<HaltRule, 'nothing'>,
  { qHalt_B, qContinue_B }: HaltingValues,
): Tensor {
  return greater(qHalt_B, rule === 'q-halt' ? 0 : qContinue_B);
}

/**
 * What going on is worth, by the model's own next step: its halting value where that step is the
 * last, else the better of its two.
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
