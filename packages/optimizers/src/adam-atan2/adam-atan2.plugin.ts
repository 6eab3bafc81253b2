import { definePlugin } from '@eddy/core';
import { z } from 'zod';

import { adamOptions } from '../adam/adam.ts';
import { AdamAtan2 } from './adam-atan2.ts';

export default definePlugin({
  kind: 'optimizer',
  name: 'adam-atan2',
  apiVersion: 1,
  summary: 'Adam with atan2 instead of a division by √v + ε; what TRM was trained with',
  config: z.strictObject({
    ...adamOptions,
    variant: z
      .enum(['reference', 'lucidrains'])
      .default('reference')
      .describe('where bias correction 1 stands: outside atan2 (reference) or inside'),
  }),
  create: (config) => new AdamAtan2(config),
});
