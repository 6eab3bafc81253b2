import { definePlugin } from '@eddy/core';
import { z } from 'zod';

export default definePlugin({
  kind: 'engine',
  name: 'cpu',
  apiVersion: 1,
  summary: 'TF.js in plain JavaScript, op by op; the slow oracle',
  config: z.strictObject({}),
  create: async () => {
    const { createEagerEngine } = await import('./eager/eager-engine.ts');
    return createEagerEngine({ backend: 'cpu' });
  },
});
