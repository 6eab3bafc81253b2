import { expect, it } from 'vitest';

import { askedValues, isAskedFor } from './asked-values.ts';

const config = {
  seed: 0,
  train: { epochs: 8, optimizer: { use: 'adamw', learningRate: 1e-5 }, freeze: ['a', 'b'] },
};
const asked = (...overrides: string[]) => askedValues(overrides, config);

it('records the values of overrides, and of one that removes a key none', () => {
  expect(asked('train.epochs=8', '+train.freeze=[a,b]', '~train.averager')).toEqual([
    { path: 'train.epochs', value: 8 },
    { path: 'train.freeze', value: ['a', 'b'] },
    { path: 'train.averager' },
  ]);
  expect(asked('train/optimizer=adamw')).toEqual([
    { path: 'train.optimizer', value: config.train.optimizer },
  ]);
});

it('covers what lies below a path, and all options of a plugin that was chosen', () => {
  const covers = (override: string, path: string) => isAskedFor(path, config, asked(override));
  expect(covers('train.epochs=8', 'train.epochs')).toBe(true);
  expect(covers('train.epochs=8', 'train.epochsMore')).toBe(false);
  expect(covers('train.epochs=8', 'seed')).toBe(false);
  expect(covers('train.freeze=[a,b]', 'train.freeze.1')).toBe(true);
  expect(covers('train.optimizer.use=adamw', 'train.optimizer.learningRate')).toBe(true);
  expect(covers('~train.averager', 'train.averager.decay')).toBe(true);
});

it('does not cover a value that was edited after the run was made', () => {
  const values = asked('train.epochs=8', '~train.averager');
  const edited = { ...config, train: { ...config.train, epochs: 9, averager: { use: 'ema' } } };
  expect(isAskedFor('train.epochs', edited, values)).toBe(false);
  expect(isAskedFor('train.averager.use', edited, values)).toBe(false);
});

it('takes over what the run before was given, and what is given anew replaces it', () => {
  const before = [
    { path: 'train.epochs', value: 4 },
    { path: 'train.optimizer', value: { use: 'adamw', learningRate: 1e-4 } },
    { path: 'seed', value: 7 },
  ];
  expect(
    askedValues(['train.epochs=8', 'train.optimizer.learningRate=1e-5'], config, before),
  ).toEqual([
    { path: 'train.epochs', value: 8 },
    { path: 'train.optimizer', value: config.train.optimizer },
    { path: 'seed', value: 7 },
    { path: 'train.optimizer.learningRate', value: 1e-5 },
  ]);
});
