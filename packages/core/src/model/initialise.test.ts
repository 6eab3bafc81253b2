import { expect, it } from 'vitest';

import { randomStream } from '../random/random-stream.ts';
import { initialise } from './initialise.ts';

it('draws a truncated normal of the wanted deviation, cut off at 2c', () => {
  const std = 0.25;
  const values = initialise(
    { shape: [400, 500], init: { kind: 'truncated-normal', std } },
    randomStream(0).stream('w'),
  );
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
  expect(Math.abs(mean)).toBeLessThan(0.003);
  expect(Math.sqrt(variance)).toBeCloseTo(std, 2);
  const largest = values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  expect(largest).toBeLessThanOrEqual(2 * 1.1368472343 * std * 1.000001);
  expect(largest).toBeGreaterThan(1.99 * 1.1368472343 * std);
});

it('fills with a constant, and is a function of the stream', () => {
  const constant = { shape: [3], init: { kind: 'constant', value: -5 } } as const;
  expect([...initialise(constant, randomStream(0))]).toEqual([-5, -5, -5]);
  const spec = { shape: [7], init: { kind: 'truncated-normal', std: 1 } } as const;
  expect(initialise(spec, randomStream(1))).toEqual(initialise(spec, randomStream(1)));
  expect(initialise(spec, randomStream(1))).not.toEqual(initialise(spec, randomStream(2)));
});
