import { describe, expect, it } from 'vitest';

import { byteSize, formatBytes, parseByteSize } from './byte-size.ts';

describe('byte sizes', () => {
  it.each([
    ['12GiB', 12 * 2 ** 30],
    ['1.5 KiB', 1536],
    ['800MB', 800e6],
    ['64B', 64],
  ])('%s', (text, bytes) => {
    expect(byteSize.parse(text)).toBe(text);
    expect(parseByteSize(text)).toBe(bytes);
  });

  it.each(['12', '12gb', 'GiB', '-1GiB', '1e3MB'])('refuse %s', (text) => {
    expect(byteSize.safeParse(text).success).toBe(false);
  });

  it('are shown in powers of two', () => {
    expect([0, 1023, 1536, 24 * 2 ** 30].map(formatBytes)).toEqual([
      '0 B',
      '1023 B',
      '1.5 KiB',
      '24 GiB',
    ]);
  });
});
