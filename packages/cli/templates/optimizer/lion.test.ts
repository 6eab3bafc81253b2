import '@tensorflow/tfjs-backend-cpu';

import { optimizerSuite, pluginSuite } from '@eddy/core/testing';
import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll } from 'vitest';

import plugin, { Lion } from './lion.ts';

beforeAll(() => setBackend('cpu'));

pluginSuite({ plugin });

const create = (options: object) => new Lion(plugin.config.parse(options));

optimizerSuite({
  name: 'lion',
  create,
  // Worked out by hand. In step 2 the momentum outweighs the gradient of the first weight.
  trajectory: {
    create: () => create({ learningRate: 0.1, weightDecay: 0.5 }),
    progress: [1, 2, 3].map((step) => ({ step, totalSteps: 3 })),
    parameter: [1, -2],
    gradients: [
      [2, -1],
      [-0.1, -1],
      [-1, 1],
    ],
    expected: [
      [0.85, -1.8],
      [0.7075, -1.61],
      [0.772125, -1.6295],
    ],
    absoluteTolerance: 1e-6,
  },
});
