import { definePlugin } from '@eddy/core';
import { z } from 'zod';

import { createEagerEngine } from './lazy/eager-engine.ts';

export default definePlugin({
  kind: 'engine',
  name: 'wasm',
  apiVersion: 1,
  summary: 'TF.js WebAssembly, op by op; needs nothing outside npm',
  config: z.strictObject({}),
  create: () => createEagerEngine({ backend: 'wasm' }),
});
