/** The evaluators of @eddy/evaluators are plugins: subpath exports, listed in package.json. */
export { ExactAccuracy } from './exact-accuracy/exact-accuracy.ts';
export { SudokuValidity } from './sudoku-validity/sudoku-validity.ts';
