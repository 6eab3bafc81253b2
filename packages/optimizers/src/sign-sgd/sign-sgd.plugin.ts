import { definePlugin } from '@eddy/core';
import { z } from 'zod';

import { scheduleOptions } from '../schedule/schedule.ts';
import { SignSgd } from './sign-sgd.ts';

export default definePlugin({
  kind: 'row-optimizer',
  name: 'sign-sgd',
  apiVersion: 1,
  summary: 'sign of the gradient with weight decay, on the rows of a table that a batch uses',
  config: z.strictObject({
    ...scheduleOptions,
    learningRate: scheduleOptions.learningRate.default(1e-2),
    weightDecay: z
      .number()
      .min(0)
      .default(0.1)
      .describe('decoupled weight decay of the rows that a batch uses'),
  }),
  create: (config) => new SignSgd(config),
});
