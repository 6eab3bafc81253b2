import { describe, expect, it } from 'vitest';

import { interval95, studentQuantile975 } from './t-interval.ts';

describe('interval95', () => {
  /** scipy 1.17.1, `scipy.stats.t.ppf(0.975, ν)`. */
  it.each([
    [1, 12.706204736174694],
    [2, 4.302652729749462],
    [3, 3.1824463052837078],
    [4, 2.7764451051977934],
    [9, 2.262157162798205],
    [30, 2.0422724563012378],
    [100, 1.9839715185235518],
  ])('has the quantile of %i degrees of freedom', (degrees, quantile) => {
    expect(studentQuantile975(degrees)).toBeCloseTo(quantile, 9);
  });

  it('is the interval that scipy gives', () => {
    // scipy.stats.t.interval(.95, 2, loc=mean, scale=s/√3)
    const { n, mean, halfWidth } = interval95([0.874, 0.861, 0.824]);
    expect(n).toBe(3);
    expect(mean - halfWidth).toBeCloseTo(0.7885558944895442, 12);
    expect(mean + halfWidth).toBeCloseTo(0.9174441055104555, 12);
  });

  it('has no width for one value', () => {
    expect(interval95([3])).toEqual({ n: 1, mean: 3, halfWidth: NaN });
  });
});
