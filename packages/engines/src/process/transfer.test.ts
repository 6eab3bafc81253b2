import type { HostTensor } from '@eddy/tensor';
import { expect, it } from 'vitest';

import { crossingOf } from './transfer.ts';

const LARGE = 50_000;

const tensor = (data: Float32Array): HostTensor => ({
  shape: [data.length],
  dtype: 'float32',
  data,
});

it('of zeros only the shape crosses, of an array under several names one', () => {
  const weights = Float32Array.of(1, 2);
  const carry = new Float32Array(LARGE);
  const tree = {
    'parameters/a': tensor(weights),
    'carry.0/h': tensor(carry),
    'average/a': tensor(weights),
    'carry.1/h': tensor(carry),
    'parameters/b': tensor(weights.slice()),
  };
  expect(crossingOf(tree)).toEqual({
    sent: ['parameters/a', 'parameters/b'],
    zeros: ['carry.0/h', 'carry.1/h'],
    copies: { 'average/a': 'parameters/a' },
  });
});

it('an array of two shapes crosses twice: a copy has the shape of what it is copied from', () => {
  const data = Float32Array.of(1, 2, 3, 4);
  const tree = { flat: tensor(data), square: { ...tensor(data), shape: [2, 2] } };
  expect(crossingOf(tree)).toEqual({ sent: ['flat', 'square'], zeros: [], copies: {} });
});

it.each([
  ['−0', -0],
  ['a small number', 1e-45],
])('%s at the end of many zeros is none', (_name, value) => {
  const tree = { x: tensor(new Float32Array(LARGE + 1).fill(value, LARGE)) };
  expect(crossingOf(tree)).toEqual({ sent: ['x'], zeros: [], copies: {} });
});

it('a view of zeros counts by what it shows', () => {
  const all = new Float32Array(2 * LARGE).fill(1, LARGE);
  const tree = { zeros: tensor(all.subarray(0, LARGE)), ones: tensor(all.subarray(LARGE)) };
  expect(crossingOf(tree)).toEqual({ sent: ['ones'], zeros: ['zeros'], copies: {} });
});
