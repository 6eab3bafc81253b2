import { describe, expect, it } from 'vitest';

import { fullDiskWarning } from './disk-need.ts';

const GIB = 2 ** 30;
const of = (checkpoints: number, freeBytes?: number) =>
  fullDiskWarning({
    checkpointBytes: GIB,
    checkpoints,
    dataBytes: 0,
    ...(freeBytes === undefined ? {} : { freeBytes }),
  });

describe('a warning before the start', () => {
  it('says how much is free and how much the checkpoints take', () => {
    expect(of(4, 3.5 * GIB)).toBe(
      'the disk has 3.5 GiB free, and 4 checkpoints of 1.0 GiB take 4.0 GiB; ' +
        'fix: free space, lower train.checkpoint.keep, or use another disk with --run-dir',
    );
    expect(of(4, 4 * GIB)).toBeUndefined();
  });

  it('wants room for three, also where fewer are kept; to keep fewer does not help there', () => {
    expect(of(2, 3 * GIB - 1)).toMatch(
      / and 3 checkpoints of .*; fix: free space, or use another disk with --run-dir$/,
    );
    expect(of(2, 3 * GIB)).toBeUndefined();
  });

  it('is not given where nobody knows how much is free', () => {
    expect(of(4)).toBeUndefined();
  });
});
