import { expect, it } from 'vitest';

import { swigluWidth } from './swiglu.ts';

it('has the inner widths of the reference', () => {
  const widths = [512, 256, 97, 916].map((width) => swigluWidth(width, 4));
  expect(widths).toEqual([1536, 768, 512, 2560]);
  // round(256.5) is 256 in Python, round(257.25) 257.
  expect(swigluWidth(171, 2.25)).toBe(256);
  expect(swigluWidth(343, 1.125)).toBe(512);
});

it('has a width however small the expansion', () => {
  expect(swigluWidth(16, 0.01)).toBe(256);
});
