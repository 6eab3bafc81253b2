import { definePlugin } from '@eddy/core';
import { z } from 'zod';

import { scheduleOptions } from '../schedule/schedule.ts';
import { AdamW } from './adamw.ts';

export default definePlugin({
  kind: 'optimizer',
  name: 'adamw',
  apiVersion: 1,
  summary: 'Adam with decoupled weight decay, as in PyTorch',
  config: z.strictObject({
    ...scheduleOptions,
    learningRate: scheduleOptions.learningRate.default(1e-4),
    weightDecay: z.number().min(0).default(0.1).describe('decoupled decay, on every parameter'),
    beta1: z.number().min(0).lt(1).default(0.9).describe('decay of the mean of the gradient'),
    beta2: z.number().min(0).lt(1).default(0.95).describe('decay of the mean of its square'),
    epsilon: z.number().positive().default(1e-8).describe('added to √v, in units of the gradient'),
  }),
  create: (config) => new AdamW(config),
});
