/** Tokens of Sudoku grids: 0 padding, 1 blank, digit + 1. */
import type { SudokuGrid } from '@eddy/puzzles';

export const PAD_TOKEN = 0;

export function tokensOf(grid: SudokuGrid): Uint8Array {
  return grid.map((digit) => digit + 1);
}

export function gridOf(tokens: Uint8Array): SudokuGrid {
  return tokens.map((token) => token - 1);
}
