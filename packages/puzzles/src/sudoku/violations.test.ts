import { describe, expect, it } from 'vitest';

import { parseSudoku, sudokuRules, type SudokuGrid } from './rules.ts';
import { sudokuViolations } from './violations.ts';

const rules = sudokuRules(4);
const grid = (text: string) => parseSudoku(text, rules) as SudokuGrid;
const puzzle = grid('1...' + '..1.' + '.1..' + '...1');
const solution = '1234' + '4312' + '2143' + '3421';

describe('violations of a Sudoku answer', () => {
  it('has none for a completion', () => {
    expect(sudokuViolations(grid(solution), puzzle, rules)).toEqual([]);
  });

  it('names changed clues, empty cells and repeated digits', () => {
    const wrong = grid('2234' + '4.12' + '2143' + '3421');
    expect(sudokuViolations(wrong, puzzle, rules)).toEqual([
      'the clue 1 at row 1 column 1 became 2',
      'row 2 column 2 is empty',
      'row 1 has 2 more than once',
      'column 1 has 2 more than once',
      'box 1 has 2 more than once',
    ]);
  });
});
