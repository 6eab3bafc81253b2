import { describe, expect, it } from 'vitest';

import type { HostTensor, HostTree } from '@eddy/tensor/spec';
import type { Model } from '../contracts/model.ts';
import { fromStateDict, toStateDict } from './state-dict.ts';

const init = { kind: 'constant', value: 0 } as const;

const model: Pick<Model, 'parameters' | 'buffers' | 'tables' | 'referenceTensors'> = {
  parameters: { head: { shape: [2, 3], init }, bias: { shape: [3], init } },
  buffers: { start: { shape: [2], init } },
  tables: { puzzles: { rows: 2, dim: 1, init } },
  referenceTensors: {
    'parameters/head': { name: 'inner.head.weight', transposed: true },
    'parameters/bias': { name: 'inner.head.bias', transposed: false },
    'buffers/start': { name: 'inner.init', transposed: false },
    'tables/puzzles': { name: 'inner.puzzle_emb.weights', transposed: false },
  },
};

const float32 = (shape: number[], ...values: number[]): HostTensor => ({
  shape,
  dtype: 'float32',
  data: Float32Array.from(values),
});

const stateDict: HostTree = {
  'inner.head.weight': float32([3, 2], 1, 4, 2, 5, 3, 6),
  'inner.head.bias': float32([3], 7, 8, 9),
  'inner.init': float32([2], -1, -2),
  'inner.puzzle_emb.weights': float32([2, 1], 10, 11),
};

const state: HostTree = {
  'parameters/head': float32([2, 3], 1, 2, 3, 4, 5, 6),
  'parameters/bias': float32([3], 7, 8, 9),
  'buffers/start': float32([2], -1, -2),
  'tables/puzzles': float32([2, 1], 10, 11),
};

describe('a state_dict', () => {
  it('becomes the model’s state, matrices transposed where they are stored so', () => {
    expect(fromStateDict(model, stateDict)).toEqual(state);
    expect(toStateDict(model, state)).toEqual(stateDict);
  });

  it.each(['_orig_mod.', 'module.', 'module._orig_mod.', '_orig_mod.module.'])(
    'may come from a model that is wrapped: %s',
    (prefix) => {
      const wrapped = Object.fromEntries(
        Object.entries(stateDict).map(([name, value]) => [prefix + name, value]),
      );
      expect(fromStateDict(model, wrapped)).toEqual(state);
    },
  );

  it('is written in part, for gradients', () => {
    expect(
      Object.keys(toStateDict(model, { 'parameters/bias': state['parameters/bias']! })),
    ).toEqual(['inner.head.bias']);
  });

  it('is refused by name when a tensor is missing, misshapen or unknown', () => {
    const { 'inner.init': _left, ...rest } = stateDict;
    expect(() => fromStateDict(model, rest)).toThrowErrorMatchingInlineSnapshot(`
      [EddyError: STATE_DICT_MISMATCH  the state_dict does not fit this model
        at        inner.init
        expected  shape [2]
        received  no such tensor
        fix       give the model the options that the weights were trained with: those of its all_config.yaml (\`pipeline from-reference all_config.yaml\`) or of its command]
    `);
    const misshapen = { ...stateDict, 'inner.head.weight': float32([2, 3], 1, 2, 3, 4, 5, 6) };
    expect(() => fromStateDict(model, misshapen)).toThrow(/expected +shape \[3, 2\]/);
    const more = { ...stateDict, 'inner.layers.7.weight': float32([1], 0) };
    expect(() => fromStateDict(model, more)).toThrow(/inner\.layers\.7\.weight/);
  });

  it('is no business of a model without an original', () => {
    const { referenceTensors: _none, ...own } = model;
    expect(() => fromStateDict(own, stateDict)).toThrow('STATE_DICT_UNKNOWN');
  });
});
