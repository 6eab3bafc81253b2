import { definePlugin } from '@eddy/core';
import { z } from 'zod';

import { wandbProject } from '../wandb-offline/wandb-project.ts';
import { createWandbLogger } from './wandb-logger.ts';

export default definePlugin({
  kind: 'logger',
  name: 'wandb',
  apiVersion: 1,
  summary:
    'Weights & Biases: an offline run, uploaded at the end by your own `wandb` if you are logged in',
  config: z.strictObject({
    project: wandbProject.describe('W&B project'),
    mode: z
      .enum(['auto', 'online', 'offline'])
      .default('auto')
      .describe(
        'auto uploads if you are logged in, else says how to; online also warns then; offline never uploads',
      ),
    timeoutSeconds: z
      .int()
      .min(1)
      .default(120)
      .describe('seconds after which the upload is abandoned'),
  }),
  needs: ['runFolder', 'offline', 'notify'],
  create: (options, services) => createWandbLogger(options, services),
});
