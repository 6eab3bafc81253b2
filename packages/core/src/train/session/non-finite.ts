/** How a run goes on after steps whose loss or gradients are not finite, and how often it may. */
import type { NonFiniteAction } from '../step/parts.ts';

export interface NonFiniteLimits {
  /** Skipped steps one after the other; the next one stops the run. */
  readonly maxConsecutiveSkips: number;
  /** In the whole run; the next one stops it. */
  readonly maxRollbacks: number;
}

/** Part of a run's state: checkpoints keep them. */
export interface NonFiniteCounts {
  /** Steps of the run whose update was not applied. */
  readonly skipped: number;
  /** Those of them in a row that end with the last step. */
  readonly consecutiveSkips: number;
  readonly rollbacks: number;
}

export const NO_NON_FINITE: NonFiniteCounts = { skipped: 0, consecutiveSkips: 0, rollbacks: 0 };

export function finiteStep(counts: NonFiniteCounts): NonFiniteCounts {
  return { ...counts, consecutiveSkips: 0 };
}

/** The counts after a step that is not finite; undefined where it stops the run. */
export function nonFiniteStep(
  counts: NonFiniteCounts,
  action: NonFiniteAction,
  limits: NonFiniteLimits,
): NonFiniteCounts | undefined {
  const { skipped, consecutiveSkips, rollbacks } = counts;
  if (action === 'skip' && consecutiveSkips < limits.maxConsecutiveSkips) {
    return { ...counts, skipped: skipped + 1, consecutiveSkips: consecutiveSkips + 1 };
  }
  if (action === 'rollback' && rollbacks < limits.maxRollbacks) {
    return { ...counts, rollbacks: rollbacks + 1 };
  }
  return undefined;
}
