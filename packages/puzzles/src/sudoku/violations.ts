/** What is wrong with an answer to a Sudoku, in words. */
import type { SudokuGrid, SudokuRules } from './rules.ts';

/** Changed clues, empty cells, and digits that a row, column or box has twice; none for a completion. */
export function sudokuViolations(
  grid: SudokuGrid,
  givens: SudokuGrid,
  rules: SudokuRules,
): string[] {
  const { size } = rules;
  const place = (cell: number) => `row ${Math.floor(cell / size) + 1} column ${(cell % size) + 1}`;
  const found: string[] = [];
  for (const [cell, given] of givens.entries()) {
    if (given !== 0 && given !== grid[cell]) {
      found.push(`the clue ${given} at ${place(cell)} became ${grid[cell] || 'a blank'}`);
    }
  }
  for (const [cell, digit] of grid.entries()) {
    if (digit === 0) found.push(`${place(cell)} is empty`);
    else if (digit > size) found.push(`${place(cell)} holds ${digit}`);
  }
  for (const [index, unit] of rules.units.entries()) {
    const digits = Array.from(unit, (cell) => grid[cell]!).filter((digit) => digit !== 0);
    const repeated = new Set(digits.filter((digit, i) => digits.indexOf(digit) !== i));
    for (const digit of repeated)
      found.push(`${unitName(index, size)} has ${digit} more than once`);
  }
  return found;
}

/** Units are the rows, then the columns, then the boxes. */
function unitName(index: number, size: number): string {
  const kind = ['row', 'column', 'box'][Math.floor(index / size)]!;
  return `${kind} ${(index % size) + 1}`;
}
