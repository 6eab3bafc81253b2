import { datasetSuite, pluginSuite } from '@eddy/core/testing';
import { expect, it } from 'vitest';

import plugin, { LatinSquares } from './latin-squares.ts';

pluginSuite({ plugin });

const create = (options: object = {}) =>
  new LatinSquares(plugin.config.parse({ train: 12, test: 6, ...options }));

datasetSuite({ name: 'latin-squares', create });

const tokens = (text: string) => create({ size: 3 }).parse(text).puzzles[0]!.input;

it('knows a puzzle whose rows, columns and symbols were exchanged', () => {
  const { symmetries } = create();
  const same = ['12. ... 3..', '.3. ... 21.', '1.2 3.. ...', '12. ... ..3'].map(tokens);
  const keys = same.map((input) => symmetries.canonicalKey({ input, label: input }));
  const prints = same.map((input) => symmetries.fingerprint!({ input, label: input }));
  expect(keys[1]).toBe(keys[0]);
  expect(keys[2]).toBe(keys[0]);
  expect(keys[3]).not.toBe(keys[0]);
  expect(prints[1]).toBe(prints[0]);
  expect(prints[2]).toBe(prints[0]);
});

it('says what is wrong with an answer', () => {
  const input = tokens('1.. ... ...');
  expect(create().violations(input, tokens('123 231 312'))).toEqual([]);
  expect(create().violations(input, tokens('213 231 312'))).toEqual([
    'a clue differs',
    'column 1 has not every symbol once',
    'column 2 has not every symbol once',
  ]);
});

it('says where a text is no square', () => {
  expect(() => tokens('123\n2x1')).toThrow(/2:2/);
  expect(() => tokens('123')).toThrow(/9 cells/);
});
