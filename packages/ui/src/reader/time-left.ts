/** How long a training still takes, by the clock of its last steps. */
import type { TrainingColumns } from './training-columns.ts';

/** Steps whose pace counts. */
const RECENT = 200;

/** Returns the median time of the last steps; undefined before the first. */
export function recentStepMs({ stepMs }: TrainingColumns): number | undefined {
  const recent = stepMs.values.slice(-RECENT).sort();
  return recent[recent.length >> 1];
}

/**
 * Returns the time that is left, from when the last steps ended: evaluations and checkpoints between them
 * count. Undefined before two steps.
 */
export function timeLeftMs({ steps, timeMs, totalSteps }: TrainingColumns): number | undefined {
  const last = steps.length - 1;
  const first = Math.max(0, last - RECENT);
  if (last < 1) return undefined;
  const pace =
    (timeMs.values[last]! - timeMs.values[first]!) / (steps.values[last]! - steps.values[first]!);
  return Math.max(0, totalSteps - steps.values[last]!) * pace;
}
