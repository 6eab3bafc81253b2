import { describe, expect, it } from 'vitest';

import { styleFor } from '../console/style.ts';
import { countChanged, drawPuzzle } from './puzzle-drawing.ts';

const sudoku = { task: 'sudoku', rows: 4, cols: 4 };
const tokens = Uint8Array.of(2, 3, 4, 5, 4, 5, 2, 3, 3, 2, 5, 4, 5, 4, 3, 1);

describe('a puzzle in a terminal', () => {
  it('has lines between boxes', () => {
    expect(drawPuzzle({ ...sudoku, tokens, format: () => '123434122143432.' })).toEqual([
      ' 1 2 | 3 4',
      ' 3 4 | 1 2',
      '-----+-----',
      ' 2 1 | 4 3',
      ' 4 3 | 2 .',
    ]);
  });

  it('marks what changed and what is wrong, also without colours', () => {
    const previous = tokens.with(0, 5);
    const [first] = drawPuzzle({ ...sudoku, tokens, previous, mistakes: [2], input: tokens });
    expect(first).toBe(' 1*2 | 3!4');
    expect(countChanged(sudoku, tokens, previous)).toBe(1);
  });

  it('is coloured where colours are', () => {
    const style = styleFor(process.stdout, { FORCE_COLOR: '1' });
    const [first] = drawPuzzle({ ...sudoku, tokens, previous: tokens.with(0, 5) }, style);
    expect(first).toContain('\u001B[33m1');
    expect(first).not.toContain('*');
  });

  it('draws mazes as their dataset writes them, and anything else by its numbers', () => {
    const maze = { task: 'maze', rows: 2, cols: 3, tokens: Uint8Array.of(3, 5, 2, 1, 5, 4) };
    expect(drawPuzzle({ ...maze, format: () => 'So \n#oG' })).toEqual([' S o', ' # o G']);
    expect(drawPuzzle({ ...maze, task: 'other' })).toEqual([' 3 5 2', ' 1 5 4']);
  });

  it('draws no more of a canvas than the grid in its corner, and compares no more', () => {
    // Digits, up to the first token below 2 of the first row.
    const format = (all: Uint8Array) => {
      const width = all.findIndex((token) => token < 2);
      return [...all.slice(0, width)].map((token) => token - 2).join('');
    };
    const arc = { task: 'arc', rows: 2, cols: 3, format };
    const [before, after] = [Uint8Array.of(5, 2, 0, 9, 9, 9), Uint8Array.of(5, 3, 1, 4, 4, 4)];
    expect(drawPuzzle({ ...arc, tokens: after, previous: before })).toEqual([' 3 1*']);
    expect(countChanged(arc, before, after)).toBe(1);
    expect(drawPuzzle({ ...arc, tokens: new Uint8Array(6) })).toEqual([' (no cells)']);
  });
});
