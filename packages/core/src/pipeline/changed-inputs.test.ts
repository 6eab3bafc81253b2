import { expect, it } from 'vitest';

import { changedOptions } from './changed-inputs.ts';

const made = (learningRate: number, seed: number, use: string, input: string) => ({
  stage: 'train',
  config: { optimizer: { use: 'mine', learningRate } },
  plugins: { 'train.optimizer': `mine@sha256:${input}` },
  seed,
  also: { engine: { use }, loaded: input },
  inputs: [input],
});

it('names options, seed and engine that differ, and neither data nor plugins', () => {
  const before = made(0.1, 5, 'wasm', 'a');
  expect(changedOptions(before, before)).toEqual([]);
  expect(changedOptions(before, made(0.1, 5, 'wasm', 'b'))).toEqual([]);
  expect(changedOptions(before, made(0.2, 0, 'cpu', 'a'))).toEqual([
    { path: 'train.optimizer.learningRate', before: '0.1', now: '0.2' },
    { path: 'engine.use', before: '"wasm"', now: '"cpu"' },
    { path: 'seed', before: '5', now: '0' },
  ]);
});

it('compares nothing with what an earlier version recorded', () => {
  expect(changedOptions(undefined, made(0.1, 5, 'wasm', 'a'))).toEqual([]);
});
