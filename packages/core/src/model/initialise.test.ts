import { describe, expect, it } from 'vitest';

import { randomStream } from '../random/random-stream.ts';
import { initialise } from './initialise.ts';

describe('initialise', () => {
  const draw = (std: number, seed = 0) =>
    initialise({ shape: [100, 1000], init: { kind: 'truncated-normal', std } }, randomStream(seed));

  it('fills constants', () => {
    const spec = { shape: [2, 2], init: { kind: 'constant', value: -5 } } as const;
    expect([...initialise(spec, randomStream(0))]).toEqual([-5, -5, -5, -5]);
  });

  it('draws zeros for a standard deviation of zero', () => {
    expect(draw(0).every((x) => x === 0)).toBe(true);
  });

  it('has the standard deviation asked for after the cut at two sigma', () => {
    const std = 0.044;
    const values = draw(std);
    const variance = values.reduce((sum, x) => sum + x * x, 0) / values.length;
    expect(Math.sqrt(variance) / std).toBeCloseTo(1, 2);
    // The factor of the reference: std / sqrt(1 − 2·2·φ(2)/erf(√2)).
    const largest = values.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
    expect(largest).toBeLessThanOrEqual(Math.fround(2 * 1.1368472343 * std) * (1 + 1e-6));
    expect(largest / std).toBeCloseTo(2.2737, 3);
  });

  it('is a function of the stream alone', () => {
    expect(draw(1, 7)).toEqual(draw(1, 7));
    expect(draw(1, 7)).not.toEqual(draw(1, 8));
  });
});
