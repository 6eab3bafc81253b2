import { definePlugin } from '@eddy/core';
import { z } from 'zod';

import { ArcVoting } from './arc-voting.ts';

const config = z.strictObject({
  passKs: z
    .array(z.int().positive())
    .min(1)
    .default([1, 2, 5, 10, 100, 1000])
    .describe('a test pair passes at K when the right grid is among the K with most votes'),
  submissionK: z.int().positive().default(2).describe('answers to a test pair in submission.json'),
  pooled: z
    .boolean()
    .default(false)
    .describe('add the votes of the earlier checkpoints of the run that were pooled too'),
});

export default definePlugin({
  kind: 'evaluator',
  name: 'arc-voting',
  apiVersion: 1,
  summary: 'ARC: pass@K by a vote of the versions of each task, and the submission file',
  config,
  create: (options) => new ArcVoting(options),
});
