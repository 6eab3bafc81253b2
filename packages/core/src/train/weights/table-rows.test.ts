import { describe, expect, it } from 'vitest';

import type { HostTensor } from '@eddy/tensor/spec';
import { mapRows, type Rows } from './table-rows.ts';

const table = (...rows: number[][]): HostTensor => ({
  shape: [rows.length, 2],
  dtype: 'float32',
  data: Float32Array.from(rows.flat()),
});
const source: Rows = {
  table: table([1, 2], [3, 4], [5, 9]),
  names: ['<blank>', 'cat', 'dog'],
};
const target = (...names: string[]): Rows => ({
  table: table(...names.map(() => [-1, -1])),
  names,
});
const dataOf = ({ table }: { table: HostTensor }) => [...table.data];

describe('rows of a loaded table', () => {
  it('go to the identifier of the same name; the mean row to the others', () => {
    const mapped = mapRows(source, target('<blank>', 'dog', 'emu', 'cat'), 'by-name', 'mean');
    expect(dataOf(mapped)).toEqual([1, 2, 5, 9, 3, 5, 3, 4]);
    expect(mapped.taken).toBe(3);
  });

  it('leave the others as they were when asked to', () => {
    const mapped = mapRows(source, target('emu', 'dog'), 'by-name', 'reset');
    expect(dataOf(mapped)).toEqual([-1, -1, 5, 9]);
  });

  it('without names keep their places in a table of the same size, else become the mean', () => {
    const unnamed = { ...source, names: undefined };
    expect(dataOf(mapRows(unnamed, target('a', 'b', 'c'), 'by-name', 'mean'))).toEqual([
      1, 2, 3, 4, 5, 9,
    ]);
    const smaller = mapRows(unnamed, target('a', 'b'), 'by-name', 'mean');
    expect(dataOf(smaller)).toEqual([3, 5, 3, 5]);
    expect(smaller.taken).toBe(0);
  });

  it('keep their places, become the mean, or are left, as asked', () => {
    const names = target('dog', 'cat', 'emu');
    expect(dataOf(mapRows(source, names, 'by-index', 'mean'))).toEqual([1, 2, 3, 4, 5, 9]);
    expect(dataOf(mapRows(source, names, 'mean', 'reset'))).toEqual([3, 5, 3, 5, 3, 5]);
    expect(dataOf(mapRows(source, names, 'reset', 'mean'))).toEqual([-1, -1, -1, -1, -1, -1]);
  });

  it('are found among a million names in seconds', () => {
    const count = 1_000_000;
    const names = Array.from({ length: count }, (_, i) => `task|||t${i}`);
    const data = Float32Array.from({ length: count }, (_, i) => i);
    const large = { table: { shape: [count, 1], dtype: 'float32' as const, data }, names };
    const other = { ...large, names: names.toReversed() };
    // Processor time: the machine may be busy.
    const start = process.cpuUsage();
    const mapped = mapRows(large, other, 'by-name', 'mean');
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1000).toBeLessThan(10_000);
    expect(mapped.table.data[0]).toBe(count - 1);
    expect(mapped.taken).toBe(count);
  });
});
