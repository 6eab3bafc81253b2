import { definePlugin } from '@eddy/core';
import { z } from 'zod';

import { Predictions } from './predictions.ts';

const tensor = z.enum([
  'inputs',
  'labels',
  'puzzle_identifiers',
  'preds',
  'logits',
  'q_halt_logits',
  'q_continue_logits',
]);

const config = z.strictObject({
  tensors: z
    .array(tensor)
    .min(1)
    .default(['inputs', 'labels', 'puzzle_identifiers', 'preds', 'q_halt_logits'])
    .describe('what to write, under the names of the reference’s eval_save_outputs'),
});

export default definePlugin({
  kind: 'evaluator',
  name: 'predictions',
  apiVersion: 1,
  summary: 'writes the answers of a model to predictions.safetensors',
  config,
  create: ({ tensors }) => new Predictions(tensors),
});
