import { definePlugin } from '@eddy/core';
import { z } from 'zod';

import { reachMlflow } from './reach-mlflow.ts';
import { addressProblems } from './tracking-address.ts';
import { createMlflowLogger } from './mlflow-logger.ts';

export default definePlugin({
  kind: 'logger',
  name: 'mlflow',
  apiVersion: 1,
  summary: 'a run on an MLflow server, over HTTP',
  config: z.strictObject({
    trackingUri: z
      .string()
      .optional()
      .describe('the server, http or https; MLFLOW_TRACKING_URI, else http://127.0.0.1:5000'),
    experiment: z.string().min(1).default('eddy').describe('made when it is not there'),
    timeoutSeconds: z.int().min(1).default(10).describe('for one request, and for the last ones'),
  }),
  reach: ({ trackingUri }, signal) => reachMlflow(trackingUri, signal),
  needs: ['runFolder', 'offline', 'notify'],
  check: ({ trackingUri }) => addressProblems(trackingUri, process.env),
  create: (options, services) => createMlflowLogger(options, services),
});
