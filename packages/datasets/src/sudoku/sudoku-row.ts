import type { SudokuGrid } from '@eddy/puzzles';

/** A Sudoku with its solution. */
export interface SudokuRow {
  readonly givens: SudokuGrid;
  readonly solution: SudokuGrid;
  /** Guesses of a backtracking solver. */
  readonly rating: number;
}
