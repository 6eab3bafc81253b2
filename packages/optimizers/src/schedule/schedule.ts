import type { Progress } from '@eddy/core';
import { z } from 'zod';

/** Options that every rule with a learning rate has. */
export const scheduleOptions = {
  learningRate: z.number().positive().describe('learning rate after the warm-up'),
  warmupSteps: z
    .int()
    .nonnegative()
    .default(2000)
    .describe('steps over which the learning rate rises linearly from 0'),
  minLearningRateRatio: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe(
      'lowest rate of the cosine decay, as a share of learningRate; 1 keeps the rate constant',
    ),
};

export interface ScheduleConfig {
  readonly learningRate: number;
  readonly warmupSteps: number;
  readonly minLearningRateRatio: number;
}

/**
 * Learning rate of a step (1 at the first update): linear warm-up, then a cosine down to a floor.
 *
 *   step < W:  base · step / W
 *   else:      base · (r + (1 − r) · ½(1 + cos π·p)),  p = (step − W) / max(1, total − W)
 *
 * @source TinyRecursiveModels pretrain.py `cosine_schedule_with_warmup_lr_lambda`
 */
export function learningRateAt(config: ScheduleConfig, { step, totalSteps }: Progress): number {
  const { learningRate, warmupSteps, minLearningRateRatio: floor } = config;
  if (step < warmupSteps) return (learningRate * step) / warmupSteps;
  const part = (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps);
  const cosine = (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * part));
  return learningRate * (floor + Math.max(0, cosine));
}
