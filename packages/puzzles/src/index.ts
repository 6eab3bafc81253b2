/** Rules, solver, generator and symmetries of puzzles. */
export {
  applyDihedral,
  DIHEDRALS,
  inverseDihedral,
  type Dihedral,
  type Grid,
} from './grid/dihedral.ts';
export { drawMaze, type MazeOptions, type MazePuzzle } from './maze/generate.ts';
export {
  canonicalMaze,
  formatMaze,
  MAZE_CHARACTERS,
  mazeProblem,
  parseMaze,
  type Maze,
} from './maze/maze.ts';
export {
  judgeAnswer,
  markPath,
  marksPath,
  numShortestPaths,
  shortestPath,
  type MazeAnswer,
} from './maze/shortest-path.ts';
export {
  formatSudoku,
  isCompletion,
  isSolution,
  parseSudoku,
  SUDOKU_SIZES,
  sudokuRules,
  sudokuSizeOf,
  type SudokuGrid,
  type SudokuRules,
  type SudokuSize,
} from './sudoku/rules.ts';
export { readSolved } from './sudoku/solved.ts';
export { solveSudoku, type SolveResult } from './sudoku/solver.ts';
export { drawPuzzle, type SudokuPuzzle } from './sudoku/generate.ts';
export {
  applySymmetry,
  drawSymmetry,
  invertSymmetry,
  symmetryFingerprint,
  type DrawnSymmetry,
  type SudokuSymmetry,
} from './sudoku/symmetry.ts';
export { sudokuViolations } from './sudoku/violations.ts';
export { clueProfile } from './sudoku/clue-profile.ts';
export { canonicalSudoku } from './sudoku/canonical.ts';
export { permutation, type Draws } from './sudoku/draws.ts';
export {
  applyArcTransform,
  arcVersionName,
  decodeArcTransform,
  encodeArcTransform,
  NUM_COLOURS,
  parseArcVersionName,
  undoArcTransform,
  type ArcTransform,
} from './arc/transform.ts';
export { canonicalPairKey } from './arc/canonical.ts';
export { gridHash, taskHash, type ArcPair } from './arc/task-hash.ts';
export {
  ARC_FIRST_COLOUR_TOKEN,
  ARC_MAX_SIDE,
  ARC_PAD_TOKEN,
  ARC_VOCAB_SIZE,
  cropGrid,
  drawGrid,
  roomOf,
} from './arc/sequence.ts';
export { distinctArcTransforms } from './arc/versions.ts';
export { mazeOf, mazeTokensOf, MAZE_PAD_TOKEN, MAZE_VOCAB_SIZE } from './maze/tokens.ts';
export { SUDOKU_PAD_TOKEN, sudokuGridOf, sudokuTokensOf } from './sudoku/tokens.ts';
export { readArcRows, readArcText } from './text/arc-text.ts';
export { formatMazeTokens, readMazeText, violationsOfMazeTokens } from './text/maze-text.ts';
export { isMisreading, type Misreading } from './text/misreading.ts';
export {
  formatSudokuTokens,
  readSudokuText,
  violationsOfSudokuTokens,
} from './text/sudoku-text.ts';
