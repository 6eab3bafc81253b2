import { definePlugin } from '@eddy/core';
import { z } from 'zod';

import { createCsvLogger } from './csv-logger.ts';

export default definePlugin({
  kind: 'logger',
  name: 'csv',
  apiVersion: 1,
  summary: 'metrics.csv under the run folder',
  config: z.strictObject({}),
  needs: ['runFolder'],
  create: (_options, { runFolder }) => createCsvLogger(runFolder),
});
