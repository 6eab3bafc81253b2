import { definePlugin } from '@eddy/core';
import { z } from 'zod';

import { ExactAccuracy } from './exact-accuracy.ts';

const config = z.strictObject({
  ratingBounds: z
    .array(z.int().min(1))
    .refine((bounds) => bounds.every((bound, i) => i === 0 || bound > bounds[i - 1]!), {
      message: 'expected ascending ratings',
    })
    .optional()
    .describe(
      'lowest ratings of the ranges of difficulty to report apart, after the one from 0; by default ' +
        '1, 10, 30, 100 for Sudokus and the quartiles of the ratings elsewhere',
    ),
});

export default definePlugin({
  kind: 'evaluator',
  name: 'exact-accuracy',
  apiVersion: 1,
  summary: 'cells and whole puzzles that equal the label, also by difficulty',
  config,
  create: ({ ratingBounds }) => new ExactAccuracy(ratingBounds),
});
