import { definePlugin } from '@eddy/core';
import { z } from 'zod';

import { adamOptions } from '../adam/adam.ts';
import { AdamAtan2 } from './adam-atan2.ts';

export default definePlugin({
  kind: 'optimizer',
  name: 'adam-atan2',
  apiVersion: 1,
  summary: 'Adam with atan2 instead of a division by √v + ε; TRM was trained with it',
  config: z.strictObject({
    ...adamOptions,
    variant: z
      .enum(['reference', 'lucidrains'])
      .default('reference')
      .describe(
        'whether the first bias correction is applied outside atan2 (as in the reference) or inside',
      ),
  }),
  create: (config) => new AdamAtan2(config),
});
