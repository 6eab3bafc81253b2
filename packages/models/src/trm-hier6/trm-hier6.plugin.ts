import { definePlugin } from '@eddy/core';

import { trmHier6Config, trmHier6Problems } from './config.ts';
import { createTrmHier6 } from './model.ts';

export default definePlugin({
  kind: 'model',
  name: 'trm-hier6',
  apiVersion: 1,
  summary: 'TRM with six latents of reasoning (an ablation of arXiv 2510.04871)',
  config: trmHier6Config,
  needs: ['dataset'],
  adjustable: ['haltMaxSteps', 'haltExplorationProbability', 'noActContinue', 'loss'],
  check: trmHier6Problems,
  create: (config, { dataset }) => createTrmHier6(config, dataset),
});
