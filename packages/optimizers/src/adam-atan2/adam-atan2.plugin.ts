import { definePlugin } from '@eddy/core';
import { z } from 'zod';

import { scheduleOptions } from '../schedule/schedule.ts';
import { AdamAtan2 } from './adam-atan2.ts';

export default definePlugin({
  kind: 'optimizer',
  name: 'adam-atan2',
  apiVersion: 1,
  summary: 'Adam with atan2 instead of a division by √v + ε; what TRM was trained with',
  config: z.strictObject({
    ...scheduleOptions,
    learningRate: scheduleOptions.learningRate.default(1e-4),
    weightDecay: z.number().min(0).default(0.1).describe('decoupled decay, on every parameter'),
    beta1: z.number().min(0).lt(1).default(0.9).describe('decay of the mean of the gradient'),
    beta2: z.number().min(0).lt(1).default(0.95).describe('decay of the mean of its square'),
    variant: z
      .enum(['reference', 'lucidrains'])
      .default('reference')
      .describe('where bias correction 1 stands: outside atan2 (reference) or inside'),
  }),
  create: (config) => new AdamAtan2(config),
});
