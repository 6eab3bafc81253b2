import { definePlugin } from '@eddy/core';
import { z } from 'zod';

import { augmentationMode } from '../augmentation/augmentation-mode.ts';
import { notArc } from '../arc/errors.ts';
import { arcTransform } from './arc-transform.ts';

const config = z.strictObject({
  numVersions: z
    .int()
    .min(0)
    .default(1000)
    .describe(
      'number of versions of a task besides the original; fewer if it has fewer distinct ones',
    ),
  numTestVersions: z
    .int()
    .min(0)
    .optional()
    .describe('number of versions that vote on a test pair besides the original; by default all'),
  translate: z
    .boolean()
    .default(true)
    .describe(
      'place training examples at random positions on the canvas, except one of each version',
    ),
  mode: augmentationMode,
});

export default definePlugin({
  kind: 'augmentation',
  name: 'arc-transform',
  apiVersion: 1,
  summary:
    'versions of ARC tasks (rotated, mirrored, recoloured, moved), each with its own identifier',
  config,
  needs: ['dataset'],
  create: (options, { dataset }) => {
    if (dataset.task !== 'arc') throw notArc(dataset.task);
    return arcTransform(options);
  },
});
