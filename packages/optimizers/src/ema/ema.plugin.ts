import { definePlugin } from '@eddy/core';
import { z } from 'zod';

import { Ema } from './ema.ts';

export default definePlugin({
  kind: 'averager',
  name: 'ema',
  apiVersion: 1,
  summary: 'exponential moving average of the parameters, used for evaluation',
  config: z.strictObject({
    rate: z
      .number()
      .min(0)
      .lt(1)
      .default(0.999)
      .describe('weight of the old average in each update'),
  }),
  create: (config) => new Ema(config),
});
