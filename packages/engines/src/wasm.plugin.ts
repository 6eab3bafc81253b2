import { definePlugin } from '@eddy/core';
import { z } from 'zod';

export default definePlugin({
  kind: 'engine',
  name: 'wasm',
  apiVersion: 1,
  summary: 'TF.js WebAssembly, op by op; needs nothing outside npm',
  config: z.strictObject({}),
  create: async () => {
    const { createEagerEngine } = await import('./eager/eager-engine.ts');
    return createEagerEngine({ backend: 'wasm' });
  },
});
