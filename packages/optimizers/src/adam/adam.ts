/**
 * What Adam and its relatives share: two means a parameter, and a step that decays weights apart from
 * the gradient.
 *
 *   m ← m + (1 − β1)(g − m);  p ← p·(1 − lr·wd) − stepSize · direction(m, v)
 */
import type { TensorSpec } from '@eddy/tensor';
import { add, mul, sub, type Scalar, type Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';

import { scheduleOptions, type ScheduleConfig } from '../schedule/schedule.ts';

export interface AdamConfig extends ScheduleConfig {
  readonly weightDecay: number;
  readonly beta1: number;
  readonly beta2: number;
}

export const adamOptions = {
  ...scheduleOptions,
  learningRate: scheduleOptions.learningRate.default(1e-4),
  weightDecay: z.number().min(0).default(0.1).describe('decoupled weight decay of every parameter'),
  beta1: z.number().min(0).lt(1).default(0.9).describe('decay of the running mean of the gradient'),
  beta2: z
    .number()
    .min(0)
    .lt(1)
    .default(0.95)
    .describe('decay of the running mean of the squared gradient'),
};

export const ADAM_SCALARS = ['learningRate', 'decay', 'stepSize', 'denominatorScale'];

/** `m`, the mean of the gradient, and `v`, that of its square. */
export function adamSlots(parameter: TensorSpec): Record<string, TensorSpec> {
  return { m: parameter, v: parameter };
}

export function meanOfGradient(m: Tensor, gradient: Tensor, beta1: number): Tensor {
  return add(m, mul(1 - beta1, sub(gradient, m)));
}

export function decayedStep(
  parameter: Tensor,
  direction: Tensor,
  scalars: Readonly<Record<string, Scalar>>,
): Tensor {
  return sub(mul(parameter, scalars['decay']!), mul(scalars['stepSize']!, direction));
}
