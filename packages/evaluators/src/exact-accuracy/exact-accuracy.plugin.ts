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
      'lower bounds of the difficulty ranges to report separately, besides 0; by default ' +
        '1, 10, 30, 100 for Sudokus and the quartiles of the ratings elsewhere',
    ),
});

export default definePlugin({
  kind: 'evaluator',
  name: 'exact-accuracy',
  apiVersion: 1,
  summary: 'share of cells and of whole puzzles that equal the solution, also by difficulty',
  config,
  metrics: {
    cell_accuracy: {
      label: 'Right cells, of all cells',
      explanation: 'Share of all cells of all puzzles that equal the solution.',
      scale: 'share',
      better: 'higher',
    },
    'exact_accuracy/rating_*': {
      label: 'Solved, difficulty *',
      explanation: 'Share of the puzzles with a rating of * that are solved.',
      scale: 'share',
      better: 'higher',
      isPart: true,
    },
    'examples/rating_*': {
      label: 'Puzzles, difficulty *',
      explanation: 'Number of puzzles with a rating of *.',
      isPart: true,
    },
  },
  create: ({ ratingBounds }) => new ExactAccuracy(ratingBounds),
});
