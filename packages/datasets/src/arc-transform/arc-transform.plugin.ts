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
    .describe('versions of a task besides the original, fewer where it has no more that differ'),
  numTestVersions: z
    .int()
    .min(0)
    .optional()
    .describe('versions that vote on a test pair besides the original; all by default'),
  translate: z
    .boolean()
    .default(true)
    .describe('move training examples about the canvas, all but one of a version'),
  mode: augmentationMode,
});

export default definePlugin({
  kind: 'augmentation',
  name: 'arc-transform',
  apiVersion: 1,
  summary: 'versions of ARC tasks: turned, mirrored, recoloured, moved; an identifier each',
  config,
  needs: ['dataset'],
  create: (options, { dataset }) => {
    if (dataset.task !== 'arc') throw notArc(dataset.task);
    return arcTransform(options);
  },
});
