import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import { rowOptimizerSuite } from '@eddy/core/testing';
import { scalar, setBackend, tensor2d } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';

import { SignSgd } from './sign-sgd.ts';

beforeAll(() => setBackend('cpu'));

it('moves by the sign alone and decays', () => {
  const rule = new SignSgd({
    learningRate: 0.1,
    weightDecay: 0.5,
    warmupSteps: 0,
    minLearningRateRatio: 1,
  });
  const scalars = rule.scalars({ step: 1, totalSteps: 1 });
  expect(scalars).toEqual({ learningRate: 0.1, decay: 0.95 });
  const rows = rule.update({
    rows: tensor2d([[1, 1, 1]]),
    gradient: tensor2d([[1e-20, 0, -7]]),
    scalars: {
      learningRate: scalar(scalars['learningRate']!),
      decay: scalar(scalars['decay']!),
    },
  });
  const [up, still, down] = rows.dataSync();
  expect(up).toBeCloseTo(0.85, 6);
  expect(still).toBeCloseTo(0.95, 6);
  expect(down).toBeCloseTo(1.05, 6);
});

const constant = { warmupSteps: 0, minLearningRateRatio: 1 };

rowOptimizerSuite({
  name: 'sign-sgd',
  create: (options) => new SignSgd({ ...constant, ...options }),
  // row·(1 − lr·wd) − lr·sign(g), sign(0) = 0: §1.9 of the reference specification.
  example: {
    create: () => new SignSgd({ ...constant, learningRate: 0.5, weightDecay: 0.5 }),
    progress: { step: 1, totalSteps: 1 },
    rows: [
      [1, -1],
      [4, 0],
    ],
    gradient: [
      [1e-20, 3],
      [-7, 0],
    ],
    expected: [
      [0.25, -1.25],
      [3.5, 0],
    ],
    absoluteTolerance: 1e-6,
  },
});
