import { describe, expect, it } from 'vitest';

import { lttb } from './lttb.ts';

const range = (length: number) => Array.from({ length }, (_, i) => i);

describe('downsampling a curve', () => {
  it('keeps short curves whole', () => {
    expect(lttb([1, 2, 3], [5, 5, 5], 3)).toEqual([0, 1, 2]);
    expect(lttb([], [], 3)).toEqual([]);
  });

  it('keeps the ends, and one point of each bucket', () => {
    const kept = lttb(range(1002), range(1002), 12);
    expect(kept).toHaveLength(12);
    expect([kept[0], kept.at(-1)]).toEqual([0, 1001]);
    for (let bucket = 0; bucket < 10; bucket++) {
      expect(kept.filter((i) => i > bucket * 100 && i <= (bucket + 1) * 100)).toHaveLength(1);
    }
  });

  it('keeps the point of the largest triangle, worked out by hand', () => {
    // Buckets {1, 2} and {3, 4}. With (0, 0) and the mean (3.5, 0): areas 3.5·|y| / 2, so that 2 wins.
    // Then with (2, 4) and the last (5, 0): |(2 − 5)(y − 4) − (2 − x)(0 − 4)| is 8 at (3, 0) and 4 at (4, 0).
    expect(lttb([0, 1, 2, 3, 4, 5], [0, 1, 4, 0, 0, 0], 4)).toEqual([0, 2, 3, 5]);
  });

  it('keeps single peaks of a run of 65,104 steps', () => {
    const y = range(65_104).map((i) => Math.exp(-i / 9000));
    y[30_000] = 25;
    y[50_123] = -7;
    const kept = lttb(range(y.length), y, 300);
    expect(kept).toHaveLength(300);
    expect(kept).toEqual(expect.arrayContaining([30_000, 50_123]));
    expect(kept).toEqual([...kept].sort((a, b) => a - b));
  });

  it('leaves out what is not finite', () => {
    const y = range(50).map((i) => (i % 5 === 0 ? NaN : i));
    y[7] = Infinity;
    for (const i of lttb(range(50), y, 10)) expect(Number.isFinite(y[i])).toBe(true);
  });

  it('refuses fewer points than a triangle has', () => {
    expect(() => lttb([1], [1], 2)).toThrow('at least 3');
  });
});
