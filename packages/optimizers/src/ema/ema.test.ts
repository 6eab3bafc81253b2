import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import { averagerSuite } from '@eddy/core/testing';
import { scalar, setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';

import { Ema } from './ema.ts';

beforeAll(() => setBackend('cpu'));

it('averages without bias correction', () => {
  const ema = new Ema({ rate: 0.999 });
  const first = ema.update(scalar(1), scalar(2));
  const second = ema.update(first, scalar(3));
  expect(first.dataSync()[0]).toBeCloseTo(1.001, 6);
  expect(second.dataSync()[0]).toBeCloseTo(1.002999, 6);
});

averagerSuite({
  name: 'ema',
  create: () => new Ema({ rate: 0.9 }),
  trajectory: {
    create: () => new Ema({ rate: 0.75 }),
    start: [1, 0],
    parameters: [
      [2, -4],
      [3, 4],
    ],
    // ¾·average + ¼·parameter
    expected: [
      [1.25, -1],
      [1.6875, 0.25],
    ],
    absoluteTolerance: 1e-6,
  },
});
