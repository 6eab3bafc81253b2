import { expect, it } from 'vitest';

import { learningRateAt } from './schedule.ts';

const config = { learningRate: 1e-4, warmupSteps: 2000, minLearningRateRatio: 1 };
const at = (step: number, ratio: number): number =>
  learningRateAt({ ...config, minLearningRateRatio: ratio }, { step, totalSteps: 65_104 });

it('warms up, then holds or falls to the floor (golden values of the reference)', () => {
  expect(at(1, 1)).toBeCloseTo(5e-8, 15);
  expect(at(1000, 1)).toBeCloseTo(5e-5, 15);
  expect(at(1999, 1)).toBeCloseTo(9.995e-5, 15);
  expect(at(2000, 1)).toBe(1e-4);
  expect(at(65_104, 1)).toBe(1e-4);
  expect(at(33_552, 0.1)).toBeCloseTo(5.5e-5, 15);
  expect(at(65_104, 0.1)).toBeCloseTo(1e-5, 15);
});

it('starts at the full rate without a warm-up', () => {
  const none = { learningRate: 0.5, warmupSteps: 0, minLearningRateRatio: 0 };
  expect(learningRateAt(none, { step: 0, totalSteps: 10 })).toBe(0.5);
  expect(learningRateAt(none, { step: 10, totalSteps: 10 })).toBe(0);
});
