import { definePlugin } from '@eddy/core';

import { transformerConfig, transformerProblems } from './config.ts';
import { createTransformer } from './model.ts';

export default definePlugin({
  kind: 'model',
  name: 'transformer',
  apiVersion: 1,
  summary:
    'The reference’s baseline: a transformer under deep supervision, with halting or without',
  config: transformerConfig,
  needs: ['dataset'],
  adjustable: ['haltMaxSteps', 'haltExplorationProbability', 'loss', 'actEnabled', 'actInference'],
  check: transformerProblems,
  create: (config, { dataset }) => createTransformer(config, dataset),
});
