import { describe, expect, it } from 'vitest';

import type { HostTree } from '@eddy/tensor/spec';
import { alphasFor, WeightedMean } from './average-weights.ts';
import type { StoredWeights } from './stored-weights.ts';

const source = (values: number[], rest: Partial<StoredWeights> = {}): StoredWeights => ({
  path: 'here',
  step: 1,
  epoch: 0,
  averaged: false,
  model: undefined,
  training: undefined,
  identifiers: ['<blank>', 'a'],
  tree: { 'parameters/w': { shape: [2], dtype: 'float32', data: Float32Array.from(values) } },
  ...rest,
});
const dataOf = (tree: HostTree) => [...tree['parameters/w']!.data];

describe('a weighted mean of weights', () => {
  it('is Σ αᵢ·wᵢ', () => {
    const mean = new WeightedMean();
    mean.add(source([1, 8]), 0.25);
    mean.add(source([5, 0]), 0.75);
    expect(dataOf(mean.tree())).toEqual([4, 2]);
  });

  it('of equal weights is these weights, bit for bit', () => {
    const values = [0.1, -3.3e-7];
    const mean = new WeightedMean();
    for (const alpha of alphasFor(3, undefined)) mean.add(source(values), alpha);
    expect(dataOf(mean.tree())).toEqual([...Float32Array.from(values)]);
  });

  it('refuses what does not fit, by name', () => {
    const other = source([1, 2], {
      path: 'there',
      identifiers: ['<blank>', 'b'],
      tree: { 'parameters/v': { shape: [1], dtype: 'float32', data: new Float32Array(1) } },
    });
    const mean = new WeightedMean();
    mean.add(source([1, 2]), 0.5);
    expect(() => mean.add(other, 0.5)).toThrow(
      expect.objectContaining({
        code: 'WEIGHTS_MISMATCH',
        facts: expect.objectContaining({
          at: 'there',
          received: [
            'parameters/w: expected [2], received absent',
            'parameters/v: expected absent, received [1]',
            'identifier 1: expected a, received b',
          ].join('; '),
        }) as object,
      }) as Error,
    );
  });

  it.each([[[1]], [[0.5, 0.6]], [[Number.NaN, 1]], [[0.2, 0.3, 0.5]]])(
    'refuses α %j for two',
    (given) => {
      expect(() => alphasFor(2, given)).toThrow('AVERAGE_ALPHAS_INVALID');
    },
  );

  it('takes α that people write, also beyond the range', () => {
    expect(alphasFor(3, [0.333, 0.333, 0.333])).toEqual([1 / 3, 1 / 3, 1 / 3]);
    expect(alphasFor(2, [2, -1])).toEqual([2, -1]);
  });
});
