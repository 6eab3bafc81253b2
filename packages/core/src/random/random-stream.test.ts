import { describe, expect, it } from 'vitest';

import { philox } from './philox.ts';
import { randomStream } from './random-stream.ts';

const hex = (words: Uint32Array) =>
  [...words].map((word) => word.toString(16).padStart(8, '0')).join(' ');

describe('philox4x32-10', () => {
  // kat_vectors of Random123.
  it.each([
    [[0, 0, 0, 0], [0, 0], '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    [[-1, -1, -1, -1], [-1, -1], '408f276d 41c83b0e a20bc7c6 6d5451fd'],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      'd16cfe09 94fdcceb 5001e420 24126ea1',
    ],
  ])('counter %j key %j', (counter, key, expected) => {
    const out = new Uint32Array(4);
    philox(Uint32Array.from(counter), key[0]! >>> 0, key[1]! >>> 0, out);
    expect(hex(out)).toBe(expected);
  });
});

describe('randomStream', () => {
  it('is a function of seed and path alone', () => {
    const a = randomStream(1).stream('order', 3);
    const b = randomStream(1).stream('order', 3);
    expect([...a.permutation(20)]).toEqual([...b.permutation(20)]);
    expect([...randomStream(1).stream('order', 4).permutation(20)]).not.toEqual([
      ...randomStream(1).stream('order', 3).permutation(20),
    ]);
    expect([...randomStream(2).stream('order', 3).permutation(20)]).not.toEqual([
      ...randomStream(1).stream('order', 3).permutation(20),
    ]);
  });

  it('draws integers evenly', () => {
    const stream = randomStream(0);
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 70_000; i++) counts[stream.integer(7)]! += 1;
    const chiSquare = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chiSquare).toBeLessThan(22.5); // 6 degrees of freedom, p = 0.001
  });

  it('rejects exactly the words beyond the last whole multiple of the bound', () => {
    for (const bound of [
      1,
      2,
      7,
      81,
      2 ** 16,
      2 ** 31 - 1,
      2 ** 31,
      2 ** 31 + 1,
      3 * 2 ** 30,
      2 ** 32 - 1,
    ]) {
      const words = randomStream(bound).stream('same');
      const stream = randomStream(bound).stream('same');
      for (let i = 0; i < 200; i++) {
        let word = words.uniform() * 2 ** 32;
        while (word >= 2 ** 32 - (2 ** 32 % bound)) word = words.uniform() * 2 ** 32;
        expect(stream.integer(bound)).toBe(word % bound);
      }
    }
  });

  it('draws standard normals', () => {
    const values = new Float32Array(100_000);
    randomStream(0).normals(values);
    const mean = values.reduce((a, b) => a + b) / values.length;
    const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.013);
    expect(Math.abs(variance - 1)).toBeLessThan(0.018);
  });
});
