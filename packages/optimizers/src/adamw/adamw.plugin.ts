import { definePlugin } from '@eddy/core';
import { z } from 'zod';

import { adamOptions } from '../adam/adam.ts';
import { AdamW } from './adamw.ts';

export default definePlugin({
  kind: 'optimizer',
  name: 'adamw',
  apiVersion: 1,
  summary: 'Adam with decoupled weight decay, as in PyTorch',
  config: z.strictObject({
    ...adamOptions,
    epsilon: z.number().positive().default(1e-8).describe('added to √v, in units of the gradient'),
  }),
  create: (config) => new AdamW(config),
});
