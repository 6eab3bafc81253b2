import { definePlugin } from '@eddy/core';

import { trmSinglezConfig, trmSinglezProblems } from './config.ts';
import { createTrmSinglez } from './model.ts';

export default definePlugin({
  kind: 'model',
  name: 'trm-singlez',
  apiVersion: 1,
  summary: 'TRM with a single latent (an ablation of arXiv 2510.04871)',
  config: trmSinglezConfig,
  needs: ['dataset'],
  adjustable: ['haltMaxSteps', 'haltExplorationProbability', 'noActContinue', 'loss'],
  check: trmSinglezProblems,
  create: (config, { dataset }) => createTrmSinglez(config, dataset),
});
