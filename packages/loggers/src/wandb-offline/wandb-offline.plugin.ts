import { definePlugin } from '@eddy/core';
import { z } from 'zod';

import { createWandbOfflineLogger } from './wandb-offline-logger.ts';
import { wandbProject } from './wandb-project.ts';

export default definePlugin({
  kind: 'logger',
  name: 'wandb-offline',
  apiVersion: 1,
  summary: 'a Weights & Biases offline run under the run folder, for `wandb sync`',
  config: z.strictObject({
    project: wandbProject.describe('W&B project that `wandb sync` uploads to'),
  }),
  needs: ['runFolder'],
  create: (options, { runFolder }) => createWandbOfflineLogger(options, runFolder),
});
