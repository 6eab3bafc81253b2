import { describe, expect, it } from 'vitest';

import { nearest } from './nearest.ts';

describe('nearest', () => {
  const known = ['hiddenSize', 'hCycles', 'lCycles', 'exact-accuracy'];

  it.each([
    ['hiddenSizes', 'hiddenSize'],
    ['hidenSize', 'hiddenSize'],
    ['hiddneSize', 'hiddenSize'],
    ['hcycles', 'hCycles'],
    ['exact-acc', 'exact-accuracy'],
    ['dropout', undefined],
    ['', undefined],
    ['h', undefined],
  ])('%s → %s', (name, expected) => {
    expect(nearest(name, known)).toBe(expected);
  });
});
