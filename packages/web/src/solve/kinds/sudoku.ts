import {
  drawPuzzle,
  isMisreading,
  readSudokuText,
  solveSudoku,
  sudokuGridOf,
  sudokuRules,
  sudokuTokensOf,
  sudokuViolations,
  violationsOfSudokuTokens,
  type SudokuRules,
  type SudokuSize,
} from '@eddy/puzzles';
import { gridStyle } from '@eddy/puzzles/style';

import type { PuzzleJudgement, PuzzleKind } from './puzzle-kind.ts';
import { browserDraws } from './random.ts';

/** Clues of new puzzles: as many as the data sets that models are trained on have. */
const CLUES: Readonly<Record<SudokuSize, number>> = { 4: 5, 6: 11, 9: 28 };
/** No 9×9 Sudoku with fewer clues has just one solution (McGuire et al. 2012, arXiv:1201.0749). */
const FEWEST_CLUES: Readonly<Record<SudokuSize, number>> = { 4: 4, 6: 8, 9: 17 };

/** Returns what a page does with Sudokus of one size. */
export function sudokuKind(size: SudokuSize): PuzzleKind {
  const rules = sudokuRules(size);
  const blank = () => sudokuTokensOf(new Uint8Array(rules.numCells));
  return {
    style: gridStyle('sudoku', size, size),
    howToEdit: `Choose a cell and type a digit from 1 to ${size}; Backspace empties it.`,
    howToPaste: `${rules.numCells} cells, "." or 0 for a blank, on one line or on ${size}; lines between boxes are ignored.`,
    blank,
    read: (text) => {
      const tokens = readSudokuText(text, rules);
      return isMisreading(tokens) ? tokens : [tokens];
    },
    generate: () => sudokuTokensOf(drawPuzzle(rules, browserDraws, CLUES[size]).givens),
    judgePuzzle: (puzzle) => judge(puzzle, rules),
    judgeAnswer: (puzzle, answer) => violationsOfSudokuTokens(puzzle, answer, rules),
  };
}

function judge(puzzle: Uint8Array, rules: SudokuRules): PuzzleJudgement {
  const givens = sudokuGridOf(puzzle);
  const [conflict] = sudokuViolations(givens, givens, rules).filter((text) =>
    text.endsWith('more than once'),
  );
  if (conflict !== undefined) {
    return { tone: 'bad', text: `No answer can be right: ${conflict}.` };
  }
  const clues = givens.filter((digit) => digit !== 0).length;
  const counted = clues === 1 ? '1 clue' : `${clues} clues`;
  if (clues < FEWEST_CLUES[rules.size]) {
    return { tone: 'neutral', text: `${counted}: more than one answer is right.` };
  }
  const { count, solution } = solveSudoku(givens, rules);
  if (count === 0) return { tone: 'bad', text: 'No answer can be right: the clues contradict.' };
  if (count > 1) return { tone: 'neutral', text: `${counted}: more than one answer is right.` };
  const solved = sudokuTokensOf(solution!);
  return { tone: 'good', text: `${counted}, just one solution.`, solution: solved };
}
