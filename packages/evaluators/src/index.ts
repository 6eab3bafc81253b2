/** The evaluators of @eddy/evaluators are plugins: subpath exports, listed in package.json. */
export { ArcShape } from './arc-shape/arc-shape.ts';
export { ArcVoting, type ArcVotingOptions } from './arc-voting/arc-voting.ts';
export { Votes } from './arc-voting/votes.ts';
export { ExactAccuracy } from './exact-accuracy/exact-accuracy.ts';
export { MazeValidity } from './maze-validity/maze-validity.ts';
export { Predictions, PREDICTIONS_FILE } from './predictions/predictions.ts';
export { SudokuValidity } from './sudoku-validity/sudoku-validity.ts';
