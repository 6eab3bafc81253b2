/** The way on for a user whose training broke down. */
import type { LowerRate } from './errors.ts';
import { scheduledStepsOf } from './schedule.ts';
import type { TrainerOptions, TrainerServices } from './trainer-options.ts';

/** Returns what the fix names: the run, its stage, and the learning rate after the warm-up. */
export function lowerRateOf(
  options: TrainerOptions,
  { runFolder, name: stage }: Pick<TrainerServices, 'runFolder' | 'name'>,
): LowerRate {
  const { optimizer } = options.parts;
  const totalSteps = scheduledStepsOf(options);
  const step = Math.max(1, optimizer.warmupSteps ?? 0);
  return { runFolder, stage, rate: optimizer.scalars({ step, totalSteps })['learningRate']! };
}
