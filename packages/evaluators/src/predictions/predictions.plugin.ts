import { definePlugin } from '@eddy/core';
import { z } from 'zod';

import { Predictions } from './predictions.ts';

const config = z.strictObject({
  tensors: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe(
      'outputs to write, by the names of the reference’s eval_save_outputs or of your model’s outputs; ' +
        'by default the data, preds and, if the model has it, q_halt_logits',
    ),
});

export default definePlugin({
  kind: 'evaluator',
  name: 'predictions',
  apiVersion: 1,
  summary: 'writes the answers of a model to predictions.safetensors',
  config,
  create: ({ tensors }) =>
    tensors === undefined
      ? new Predictions(['inputs', 'labels', 'puzzle_identifiers', 'preds'], ['q_halt_logits'])
      : new Predictions(tensors),
});
