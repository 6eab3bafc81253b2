import '@tensorflow/tfjs';

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
