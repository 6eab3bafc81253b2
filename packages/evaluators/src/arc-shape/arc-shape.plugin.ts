import { definePlugin } from '@eddy/core';
import { z } from 'zod';

import { ArcShape } from './arc-shape.ts';

export default definePlugin({
  kind: 'evaluator',
  name: 'arc-shape',
  apiVersion: 1,
  summary:
    'ARC: answers with the right size and right cells, beside the score of the unchanged input',
  config: z.strictObject({}),
  metrics: {
    shape_accuracy: {
      label: 'Right size',
      explanation: 'Share of answers whose grid has the height and width of the solution.',
      scale: 'share',
      better: 'higher',
    },
    grid_accuracy: {
      label: 'Right cells of the grid',
      explanation: 'Share of the cells of the solution’s grid that the answer has right.',
      scale: 'share',
      better: 'higher',
    },
    input_grid_accuracy: {
      label: 'Right cells without a model',
      explanation: 'Share of the cells of the solution’s grid that a copy of the input has right.',
      scale: 'share',
    },
  },
  create: () => new ArcShape(),
});
