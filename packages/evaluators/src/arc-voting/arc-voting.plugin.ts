import { definePlugin } from '@eddy/core';
import { z } from 'zod';

import { ArcVoting } from './arc-voting.ts';

const config = z.strictObject({
  passKs: z
    .array(z.int().positive())
    .min(1)
    .default([1, 2, 5, 10, 100, 1000])
    .describe(
      'values of K; a test pair passes at K if the right grid is among the K with most votes',
    ),
  submissionK: z
    .int()
    .positive()
    .default(2)
    .describe('number of answers to a test pair in submission.json'),
  pooled: z.boolean().default(false).describe('add the votes of the run’s earlier checkpoints'),
});

export default definePlugin({
  kind: 'evaluator',
  name: 'arc-voting',
  apiVersion: 1,
  summary: 'ARC: pass@K by a vote over the versions of each task, and the submission file',
  config,
  metrics: {
    'ARC/pass@*': {
      label: 'Tasks solved, * guesses',
      explanation:
        'Share of test grids of a task, on average, that are among the * answers with most votes.',
      scale: 'share',
      better: 'higher',
    },
    'ARC/pairs_without_votes': {
      label: 'Test grids without an answer',
      explanation: 'Number of test grids for which no version of the task gave a grid.',
      better: 'lower',
      isPart: true,
    },
  },
  create: (options) => new ArcVoting(options),
});
