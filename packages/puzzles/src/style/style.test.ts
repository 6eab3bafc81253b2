import { expect, it } from 'vitest';

import { cropGrid, drawGrid } from '../arc/sequence.ts';
import { around, boundsOf, gridFrom } from './drawn-area.ts';
import { gridStyle, tokenStyle } from './grid-style.ts';

it('draws digits of every Sudoku with lines between its boxes', () => {
  const style = gridStyle('sudoku', 6, 6);
  expect(style.box).toEqual({ rows: 2, cols: 3 });
  expect(style.tokens).toHaveLength(8);
  expect(tokenStyle(style, 7)).toEqual({ name: '6', text: '6', given: true, key: '6' });
  expect(tokenStyle(style, 1)).toEqual({ name: 'blank', key: '.' });
  expect(tokenStyle(style, 0).outside).toBe(true);
});

it('draws mazes in tones and ARC in its own colours', () => {
  const maze = gridStyle('maze', 30, 30);
  expect(maze.tokens.map(({ name }) => name)).toEqual([
    'padding',
    'wall',
    'free',
    'start',
    'goal',
    'path',
  ]);
  const arc = gridStyle('arc', 30, 30);
  expect(tokenStyle(arc, 2)).toEqual({ name: 'black', fill: '#000000', key: '0' });
  expect(tokenStyle(arc, 11)).toEqual({ name: 'maroon', fill: '#870c25', key: '9' });
});

it('draws what it does not know as numbers', () => {
  expect(tokenStyle(gridStyle('lights-out', 5, 5), 3)).toEqual({ name: '3', text: '3' });
});

it('finds a grid on its canvas, wherever it lies', () => {
  const style = gridStyle('arc', 8, 8);
  const grid = { rows: 2, cols: 3, cells: Uint8Array.of(1, 2, 3, 4, 5, 6) };
  const size = { rows: 8, cols: 8 };
  const tokens = drawGrid(grid, 8, { row: 1, col: 4 });
  expect(boundsOf(style, tokens, size)).toEqual({ row: 1, col: 4, rows: 2, cols: 3 });
  expect(boundsOf(style, new Uint8Array(64), size)).toBeUndefined();
  expect(
    around({ row: 0, col: 2, rows: 2, cols: 2 }, { row: 1, col: 0, rows: 3, cols: 1 }),
  ).toEqual({ row: 0, col: 0, rows: 4, cols: 4 });
});

it('cuts an answer out as ARC’s own evaluation does', () => {
  const style = gridStyle('arc', 6, 6);
  const size = { rows: 6, cols: 6 };
  // Any tokens at all; a small generator of its own keeps the cases the same.
  let state = 7;
  const draw = () => (state = (state * 1103515245 + 12345) % 2 ** 31) / 2 ** 31;
  for (let trial = 0; trial < 200; trial++) {
    const tokens = Uint8Array.from({ length: 36 }, () => (draw() < 0.2 ? 0 : 2 + draw() * 9));
    const { rows, cols } = cropGrid(tokens, 6);
    expect(gridFrom(style, tokens, size)).toEqual({ row: 0, col: 0, rows, cols });
  }
});
