import { definePlugin } from '@eddy/core';
import { z } from 'zod';

import { createEagerEngine } from './lazy/eager-engine.ts';

export default definePlugin({
  kind: 'engine',
  name: 'cpu',
  apiVersion: 1,
  summary: 'TF.js in plain JavaScript, op by op; the slow oracle',
  config: z.strictObject({}),
  create: () => createEagerEngine({ backend: 'cpu' }),
});
