import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import { optimizerSuite } from '@eddy/core/testing';
import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll } from 'vitest';

import { AdamAtan2 } from './adam-atan2.ts';

beforeAll(() => setBackend('cpu'));

const constant = { warmupSteps: 0, minLearningRateRatio: 1, beta1: 0.9, beta2: 0.95 };
const progress = [1, 2, 3].map((step) => ({ step, totalSteps: 3 }));

/** Golden values of the reference specification, §1.24. */
const trajectory = {
  progress,
  parameter: [1],
  gradients: [[0.1], [-0.2], [0.3]],
  absoluteTolerance: 2e-7,
};

optimizerSuite({
  name: 'adam-atan2 (reference)',
  create: (options) => new AdamAtan2({ ...constant, ...options, variant: 'reference' }),
  trajectory: {
    ...trajectory,
    create: () =>
      new AdamAtan2({ ...constant, learningRate: 0.01, weightDecay: 1, variant: 'reference' }),
    expected: [[0.980033135], [0.973860786], [0.960747545]],
  },
});

optimizerSuite({
  name: 'adam-atan2 (lucidrains)',
  create: (options) => new AdamAtan2({ ...constant, ...options, variant: 'lucidrains' }),
  trajectory: {
    ...trajectory,
    create: () =>
      new AdamAtan2({ ...constant, learningRate: 0.01, weightDecay: 1, variant: 'lucidrains' }),
    expected: [[0.980025443], [0.974651637], [0.960760982]],
  },
});
