import { definePlugin } from '@eddy/core';
import { z } from 'zod';

import { createReportLogger } from './report-logger.ts';

export default definePlugin({
  kind: 'logger',
  name: 'report',
  apiVersion: 1,
  summary: 'report.html and curves.svg: result, curves, puzzles solved step by step',
  config: z.strictObject({}),
  needs: ['runFolder', 'notify'],
  create: (_options, { runFolder, notify }) => createReportLogger(runFolder, notify),
});
