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
      .describe(
        'address of the server; by default MLFLOW_TRACKING_URI, else http://127.0.0.1:5000',
      ),
    experiment: z
      .string()
      .min(1)
      .default('eddy')
      .describe('name of the experiment, created if it does not exist'),
    timeoutSeconds: z
      .int()
      .min(1)
      .default(10)
      .describe('seconds for one request, and for the last ones at the end'),
  }),
  reach: ({ trackingUri }, signal) => reachMlflow(trackingUri, signal),
  needs: ['runFolder', 'offline', 'notify'],
  check: ({ trackingUri }) => addressProblems(trackingUri, process.env),
  create: (options, services) => createMlflowLogger(options, services),
});
