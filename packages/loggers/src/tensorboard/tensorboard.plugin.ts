import { definePlugin } from '@eddy/core';
import { z } from 'zod';

import { createTensorboardLogger } from './tensorboard-logger.ts';

export default definePlugin({
  kind: 'logger',
  name: 'tensorboard',
  apiVersion: 1,
  summary: 'TensorBoard event files under the run folder',
  config: z.strictObject({}),
  needs: ['runFolder'],
  create: (_options, { runFolder }) => createTensorboardLogger(runFolder),
});
