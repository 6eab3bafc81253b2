/** Random puzzles with exactly one solution. */
import { permutation, type Draws } from './draws.ts';
import { countClues, type SudokuGrid, type SudokuRules } from './rules.ts';
import { solveSudoku } from './solver.ts';

export interface SudokuPuzzle {
  readonly givens: SudokuGrid;
  readonly solution: SudokuGrid;
  /** Guesses of the solver; see `SolveResult.guesses`. */
  readonly rating: number;
  readonly clues: number;
}

/** A random full grid. */
export function drawSolution(rules: SudokuRules, random: Draws): SudokuGrid {
  return solveSudoku(new Uint8Array(rules.numCells), rules, 1, random).solution!;
}

/**
 * A random puzzle with one solution: takes clues out of a random full grid, in random order, as long
 * as the solution stays the only one and more than `minClues` are left. With `minClues` 0 no clue can
 * be spared (a minimal puzzle).
 */
export function drawPuzzle(rules: SudokuRules, random: Draws, minClues = 0): SudokuPuzzle {
  const solution = drawSolution(rules, random);
  const givens = solution.slice();
  let clues = rules.numCells;
  for (const cell of permutation(rules.numCells, random)) {
    if (clues <= minClues) break;
    givens[cell] = 0;
    if (solveSudoku(givens, rules).count === 1) clues -= 1;
    else givens[cell] = solution[cell]!;
  }
  return { givens, solution, clues, rating: solveSudoku(givens, rules).guesses };
}

/** Rates a given puzzle; null unless it has exactly one solution. */
export function ratePuzzle(givens: SudokuGrid, rules: SudokuRules): SudokuPuzzle | null {
  const { count, solution, guesses } = solveSudoku(givens, rules);
  if (count !== 1 || solution === null) return null;
  return { givens, solution, rating: guesses, clues: countClues(givens) };
}
