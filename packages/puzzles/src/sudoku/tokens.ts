/** Tokens of Sudoku grids: 0 padding, 1 blank, digit + 1. */
import type { SudokuGrid } from './rules.ts';

export const SUDOKU_PAD_TOKEN = 0;

export function sudokuTokensOf(grid: SudokuGrid): Uint8Array {
  return shifted(grid, 1);
}

export function sudokuGridOf(tokens: Uint8Array): SudokuGrid {
  return shifted(tokens, -1);
}

/** A loop: `map` of a typed array takes several times as long. */
function shifted(values: Uint8Array, by: number): Uint8Array {
  const result = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) result[i] = values[i]! + by;
  return result;
}
