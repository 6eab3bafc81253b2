import { describe, expect, it } from 'vitest';

import { StructLayout } from './struct-layout.ts';

const EXAMPLE = new StructLayout('Example', {
  flag: 'bool',
  count: 'int32',
  small: 'bool',
  size: 'size',
  ratio: 'float32',
  signed: 'int64',
  last: 'bool',
});

describe('StructLayout', () => {
  it('aligns each field to its size, as C compilers do', () => {
    // offsetof() of the same struct in GCC 12, x86-64.
    expect(Object.fromEntries(EXAMPLE.offsets)).toEqual({
      flag: 16,
      count: 20,
      small: 24,
      size: 32,
      ratio: 40,
      signed: 48,
      last: 56,
    });
  });

  it('ends with its last field: trailing padding is not counted', () => {
    expect(EXAMPLE.sizeBytes).toBe(57);
  });

  it('writes and reads every kind in place', () => {
    const values = {
      flag: 1,
      count: -7,
      small: 0,
      size: 2n ** 63n,
      ratio: 0.5,
      signed: -(2n ** 62n),
      last: 1,
    };
    const struct = EXAMPLE.create(values);
    for (const [field, value] of Object.entries(values)) {
      expect(struct.get(field as keyof typeof values)).toBe(value);
    }
    expect(struct.view.getInt32(20, true)).toBe(-7);
    expect(struct.view.getBigUint64(32, true)).toBe(2n ** 63n);
  });

  it('says its size in its first word and leaves the rest zero, with room for newer plugins', () => {
    const { bytes, view } = EXAMPLE.create();
    expect(view.getBigUint64(0, true)).toBe(BigInt(bytes.length));
    expect(bytes.length).toBeGreaterThan(EXAMPLE.sizeBytes);
    expect(bytes.subarray(8).every((byte) => byte === 0)).toBe(true);
  });
});
