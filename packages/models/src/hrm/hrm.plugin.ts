import { definePlugin } from '@eddy/core';

import { hrmConfig, hrmProblems } from './config.ts';
import { createHrm } from './model.ts';

export default definePlugin({
  kind: 'model',
  name: 'hrm',
  apiVersion: 1,
  summary:
    'Hierarchical Reasoning Model (arXiv 2506.21734): two networks, one-step gradient, Q-learned halting',
  config: hrmConfig,
  needs: ['dataset'],
  adjustable: ['haltMaxSteps', 'haltExplorationProbability', 'loss'],
  check: hrmProblems,
  create: (config, { dataset }) => createHrm(config, dataset),
});
