import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import { optimizerSuite } from '@eddy/core/testing';
import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll } from 'vitest';

import { AdamW } from './adamw.ts';

beforeAll(() => setBackend('cpu'));

const constant = {
  warmupSteps: 0,
  minLearningRateRatio: 1,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
};

optimizerSuite({
  name: 'adamw',
  create: (options) => new AdamW({ ...constant, ...options }),
  // torch 2.15.0: AdamW(lr=.01, betas=(.9, .95), eps=1e-8, weight_decay=.1) on these gradients.
  trajectory: {
    create: () => new AdamW({ ...constant, learningRate: 0.01, weightDecay: 0.1 }),
    progress: [1, 2, 3].map((step) => ({ step, totalSteps: 3 })),
    parameter: [1, -0.5, 0.25, 2],
    gradients: [
      [0.1, -0.2, 0, 3],
      [-0.3, 0.4, 0, 1e-6],
      [0.05, 0, 0, -2],
    ],
    expected: [
      [0.989000022, -0.489500016, 0.249750003, 1.98800004],
      [0.992904007, -0.49264425, 0.24950026, 1.97922564],
      [0.994692206, -0.494996816, 0.24925077, 1.97647667],
    ],
    absoluteTolerance: 2.5e-7,
  },
});
