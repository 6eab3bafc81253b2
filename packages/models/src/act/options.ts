/** Options of every model with adaptive computation time. */
import { z } from 'zod';

import { count } from '../network/options.ts';

export const actOptions = {
  haltMaxSteps: count(1_024)
    .default(16)
    .describe('supervision steps until a row halts at the latest'),
  haltExplorationProbability: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe('chance that a row must run a random number of steps before it may halt'),
  loss: z.enum(['stablemax', 'softmax']).default('stablemax').describe('cross entropy of tokens'),
};
