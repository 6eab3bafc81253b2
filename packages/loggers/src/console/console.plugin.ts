import { definePlugin } from '@eddy/core';
import { z } from 'zod';

import { createConsoleLogger } from './console-logger.ts';

export default definePlugin({
  kind: 'logger',
  name: 'console',
  apiVersion: 1,
  summary: 'progress in the terminal: live display, plain lines or JSON lines',
  config: z.strictObject({
    format: z
      .enum(['auto', 'live', 'plain', 'json'])
      .default('auto')
      .describe('auto: live on a terminal, plain in CI and in pipes'),
    interval: z
      .number()
      .positive()
      .default(5)
      .describe('seconds between progress lines in plain format'),
  }),
  create: (options) => createConsoleLogger(options),
});
