import { expect, it } from 'vitest';

import { rowOfWeights } from './predict-puzzle.ts';

it('asks with the row of the same name, wherever the data have it now', () => {
  const said: string[] = [];
  const rowOf = (identifier: number, names: readonly string[], identifiers?: readonly string[]) =>
    rowOfWeights(identifier, names, { path: 'w', identifiers }, (text) => said.push(text));
  const trained = ['<blank>', 'a', 'b', 'c'];
  expect([0, 1, 2, 3].map((identifier) => rowOf(identifier, trained, trained))).toEqual([
    0, 1, 2, 3,
  ]);
  // A task was added before the others: each index is another task.
  const now = ['<blank>', '0', 'a', 'b', 'c'];
  expect([0, 2, 3, 4].map((identifier) => rowOf(identifier, now, trained))).toEqual([0, 1, 2, 3]);
  expect(() => rowOf(1, now, trained)).toThrow(
    expect.objectContaining({ code: 'IDENTIFIER_UNKNOWN' }) as Error,
  );
  expect(said).toEqual([]);
  expect(rowOf(2, now)).toBe(2);
  expect(said).toEqual([expect.stringContaining('matched by index')]);
});
