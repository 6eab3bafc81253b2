import { gridStyle } from '@eddy/puzzles/style';
import { describe, expect, it } from 'vitest';

import { differingCells, percent, spokenCell } from './cell-state.ts';
import { focusAfter, typedToken } from './grid-keys.ts';

const sudoku = gridStyle('sudoku', 9, 9);

describe('a cell in words', () => {
  const facts = {
    gridStyle: gridStyle('sudoku', 4, 4),
    cols: 4,
    cells: [2, 3, 4, 5, 1],
    puzzle: [2, 1, 1, 1, 1],
    solution: [2, 3, 5, 5, 1],
    wrong: new Set([2]),
    changed: new Set([1, 2]),
    probabilities: [1, 0.734, 0.9991, 0.9996, 0.004],
  };

  it('says its place, its token, and everything that is known of it', () => {
    expect(spokenCell(facts, 0)).toBe('row 1, column 1: 1, given, 100 % sure');
    expect(spokenCell(facts, 1)).toBe('row 1, column 2: 2, 73 % sure, changed');
    expect(spokenCell(facts, 2)).toBe(
      'row 1, column 3: 3, 99.9 % sure, changed, wrong (solution 4)',
    );
    expect(spokenCell(facts, 4)).toBe('row 2, column 1: blank, 0 % sure');
    expect(spokenCell(facts, 4, { row: 1, col: 0 })).toContain('row 1, column 1');
  });

  it('is 100 % sure only where nothing is left', () => {
    expect([0.9994, 0.9996, 0.995, 0.99].map(percent)).toEqual([
      '99.9 %',
      '100 %',
      '99.5 %',
      '99 %',
    ]);
  });

  it('compares no cells that are not scored', () => {
    expect([...differingCells([1, 2, 3], [0, 5, 3], 0)]).toEqual([1]);
  });
});

describe('keys in a grid', () => {
  const area = { row: 1, col: 2, rows: 3, cols: 4 };
  const after = (key: string, row: number, col: number) => {
    const cell = focusAfter(key, row * 10 + col, { area, cols: 10 });
    return cell === undefined ? undefined : [Math.floor(cell / 10), cell % 10];
  };

  it('move inside the part that is drawn', () => {
    expect(after('ArrowUp', 1, 3)).toEqual([1, 3]);
    expect(after('ArrowDown', 1, 3)).toEqual([2, 3]);
    expect(after('ArrowLeft', 2, 2)).toEqual([2, 2]);
    expect(after('ArrowRight', 2, 4)).toEqual([2, 5]);
    expect(after('End', 2, 2)).toEqual([2, 5]);
    expect(after('Home', 2, 5)).toEqual([2, 2]);
    expect(after('PageDown', 1, 5)).toEqual([3, 5]);
    expect(after('PageUp', 3, 5)).toEqual([1, 5]);
    expect(after('x', 1, 3)).toBeUndefined();
  });

  it('enter tokens by their key', () => {
    expect(typedToken('5', 1, sudoku)).toBe(6);
    expect(['Backspace', 'Delete', '0', ' ', '.'].map((key) => typedToken(key, 6, sudoku))).toEqual(
      [1, 1, 1, 1, 1],
    );
    expect(typedToken('x', 1, sudoku)).toBeUndefined();
    expect(typedToken('F5', 1, sudoku)).toBeUndefined();
    const maze = gridStyle('maze', 5, 5);
    expect(['#', ' ', 'S', 'g', 'o'].map((key) => typedToken(key, 1, maze))).toEqual([
      1,
      2,
      3,
      4,
      undefined,
    ]);
    expect(['0', '9', 'Delete'].map((key) => typedToken(key, 5, gridStyle('arc', 30, 30)))).toEqual(
      [2, 11, 2],
    );
  });

  it('make numbers of two digits where there are some', () => {
    const large = gridStyle('sudoku', 16, 16);
    expect(typedToken('1', 1, large)).toBe(2);
    expect(typedToken('2', 2, large)).toBe(13);
    expect(typedToken('3', 13, large)).toBe(4);
  });
});
