import { expect, it } from 'vitest';

import type { Model } from '../../contracts/model.ts';
import type { HostTree } from '@eddy/tensor/spec';
import { regroupCarry } from './regroup-carry.ts';

const model = { carryBatchAxis: { z: 1, steps: 0 } } as Partial<Model> as Model;
const sizes = (microBatchSize: number) => ({ globalBatchSize: 4, microBatchSize, seqLen: 1 });

const whole: HostTree = {
  'parameters/w': { shape: [1], dtype: 'float32', data: Float32Array.of(9) },
  'carry/z': {
    shape: [2, 4],
    dtype: 'float32',
    data: Float32Array.of(0, 1, 2, 3, 10, 11, 12, 13),
  },
  'carry/steps': { shape: [4], dtype: 'int32', data: Int32Array.of(5, 6, 7, 8) },
};

it('cuts a carry along its batch axis', () => {
  const halves = regroupCarry(model, whole, sizes(4), sizes(2));
  expect(Object.keys(halves).sort()).toEqual([
    'carry.0/steps',
    'carry.0/z',
    'carry.1/steps',
    'carry.1/z',
    'parameters/w',
  ]);
  expect(halves['carry.1/z']).toEqual({
    shape: [2, 2],
    dtype: 'float32',
    data: Float32Array.of(2, 3, 12, 13),
  });
  expect([...halves['carry.0/steps']!.data]).toEqual([5, 6]);
});

it('joins it again, and regroups without joining', () => {
  const quarters = regroupCarry(model, whole, sizes(4), sizes(1));
  const halves = regroupCarry(model, quarters, sizes(1), sizes(2));
  expect(halves).toEqual(regroupCarry(model, whole, sizes(4), sizes(2)));
  expect(regroupCarry(model, halves, sizes(2), sizes(4))).toEqual(whole);
});
