import { describe, expect, it } from 'vitest';

import { randomStream } from '../random/random-stream.ts';
import { indexBeyond } from './token-range.ts';

describe('indexBeyond', () => {
  it.each([1, 2, 11, 12, 127, 128, 129, 200, 255])(
    'agrees with a plain search at %i',
    (vocabSize) => {
      const random = randomStream(vocabSize);
      for (let round = 0; round < 200; round++) {
        const memory = new Uint8Array(64).map(() => random.integer(vocabSize));
        const tokens = memory.subarray(random.integer(8), 40 + random.integer(25));
        expect(indexBeyond(tokens, vocabSize)).toBe(-1);
        const wrong = vocabSize + random.integer(256 - vocabSize);
        tokens[random.integer(tokens.length)] = wrong;
        tokens[random.integer(tokens.length)] = wrong;
        expect(indexBeyond(tokens, vocabSize)).toBe(tokens.indexOf(wrong));
      }
    },
  );

  it('has nothing to find where every byte is a token', () => {
    expect(indexBeyond(new Uint8Array(9).fill(255), 256)).toBe(-1);
  });

  it('looks beyond the first piece', () => {
    const tokens = new Uint8Array(100_003);
    tokens[100_001] = 12;
    expect(indexBeyond(tokens, 12)).toBe(100_001);
    tokens[70_000] = 255;
    expect(indexBeyond(tokens, 12)).toBe(70_000);
  });
});
