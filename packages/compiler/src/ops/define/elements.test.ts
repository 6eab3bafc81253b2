import { describe, expect, it } from 'vitest';

import { add, multiply } from '../element-wise.ts';
import { erf } from '../erf.ts';
import { converted, roundToBfloat16 } from './elements.ts';

describe('bfloat16', () => {
  // 8 bits of mantissa: the numbers next to 1 are 1 + 2⁻⁷ and 1 − 2⁻⁸.
  it.each([
    [1, 1],
    [1 + 2 ** -8, 1],
    [1 + 3 * 2 ** -8, 1 + 2 ** -6],
    [1 + 2 ** -8 + 2 ** -20, 1 + 2 ** -7],
    [3.14159274, 3.140625],
    [-65535, -65536],
    [3.4028234663852886e38, Infinity],
    [-Infinity, -Infinity],
  ])('of %d is %d', (x, expected) => {
    expect(roundToBfloat16(x)).toBe(expected);
  });

  it('keeps the sign of zero and NaN', () => {
    expect(roundToBfloat16(-0)).toBe(-0);
    expect(roundToBfloat16(NaN)).toBeNaN();
  });
});

describe('erf', () => {
  // Abramowitz & Stegun, table 7.1.
  it.each([
    [0.1, 0.1124629160182849],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [2, 0.9953222650189527],
    [3.5, 0.9999992569016276],
    [-1, -0.8427007929497149],
    [Infinity, 1],
  ])('of %d', (x, expected) => {
    expect(erf(x)).toBeCloseTo(expected, 14);
  });
});

describe('integers', () => {
  it('wrap around in sums and products', () => {
    expect(add.scalar('int32')(2147483647, 1)).toBe(-2147483648);
    expect(multiply.scalar('int32')(46341, 46341)).toBe(-2147479015);
  });

  it('come from floats by truncation and saturation', () => {
    const values = [-2.7, 2.7, 1e20, -1e20, NaN].map((x) => converted(x, 'int32'));
    expect(values).toEqual([-2, 2, 2147483647, -2147483648, 0]);
  });
});
