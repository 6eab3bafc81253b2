import { describe, expect, it } from 'vitest';

import {
  formatSudoku,
  isCompletion,
  isSolution,
  parseSudoku,
  sudokuRules,
  type SudokuSize,
} from './rules.ts';

describe('isSolution', () => {
  it('holds rows, columns and boxes of 6×6: 2 rows × 3 columns', () => {
    const rules = sudokuRules(6);
    const solution = parseSudoku('123456456123231564564231312645645312', rules) as Uint8Array;
    expect(isSolution(solution, rules)).toBe(true);
    // A Latin square whose 2×3 boxes repeat digits.
    const latin = parseSudoku('123456234561345612456123561234612345', rules) as Uint8Array;
    expect(isSolution(latin, rules)).toBe(false);
  });

  it('refuses blanks, digits beyond the size and other sizes', () => {
    const rules = sudokuRules(4);
    const solution = parseSudoku('1234341221434321', rules) as Uint8Array;
    expect(isSolution(solution, rules)).toBe(true);
    for (const digit of [0, 5, 33]) {
      const wrong = solution.slice();
      wrong[0] = digit;
      expect(isSolution(wrong, rules)).toBe(false);
    }
    expect(isSolution(solution, sudokuRules(9))).toBe(false);
  });
});

describe('isCompletion', () => {
  it('keeps the givens', () => {
    const rules = sudokuRules(4);
    const grid = parseSudoku('1234341221434321', rules) as Uint8Array;
    const givens = (text: string) => parseSudoku(text, rules) as Uint8Array;
    expect(isCompletion(grid, givens('1...............'), rules)).toBe(true);
    expect(isCompletion(grid, givens('2...............'), rules)).toBe(false);
  });
});

describe('parseSudoku', () => {
  it('reads both blanks and says what is wrong', () => {
    const rules = sudokuRules(4);
    const grid = parseSudoku('.0341234........', rules) as Uint8Array;
    expect([...grid.subarray(0, 8)]).toEqual([0, 0, 3, 4, 1, 2, 3, 4]);
    expect(formatSudoku(grid)).toBe('..341234........');
    expect(parseSudoku('123', rules)).toBe('3 characters');
    expect(parseSudoku('.....5..........', rules)).toBe('"5" at character 6');
    expect(parseSudoku('x...............', rules)).toBe('"x" at character 1');
  });

  it('takes the bytes of a file, and quotes them as text', () => {
    const rules = sudokuRules(4);
    const bytes = (text: string) => new TextEncoder().encode(text);
    const grid = new Uint8Array(16).fill(7);
    expect(parseSudoku(bytes('.0341234........'), rules, grid)).toBe(grid);
    expect(grid).toEqual(parseSudoku('.0341234........', rules));
    expect(parseSudoku('.é..............', rules)).toBe('"é" at character 2');
    expect(parseSudoku(bytes('.é.............'), rules)).toBe('"é" at character 2');
  });
});

it.each([4, 6, 9] as SudokuSize[])(
  'size %i: every cell has the peers of its three units',
  (size) => {
    const rules = sudokuRules(size);
    const expected = 2 * (size - 1) + (rules.boxRows - 1) * (rules.boxCols - 1);
    expect(rules.units.length).toBe(3 * size);
    expect(rules.peers.every((peers) => peers.length === expected)).toBe(true);
  },
);
