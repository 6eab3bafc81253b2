import { definePlugin } from '@eddy/core';

import { trmConfig, trmProblems } from './config.ts';
import { createTrm } from './model.ts';

export default definePlugin({
  kind: 'model',
  name: 'trm',
  apiVersion: 1,
  summary: 'Tiny Recursive Model (arXiv 2510.04871): attention or MLP-mixer, ACT, puzzle embedding',
  config: trmConfig,
  needs: ['dataset'],
  adjustable: ['haltMaxSteps', 'haltExplorationProbability', 'noActContinue', 'loss'],
  check: trmProblems,
  create: (config, { dataset }) => createTrm(config, dataset),
});
