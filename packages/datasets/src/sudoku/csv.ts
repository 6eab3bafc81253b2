/** Files in Sudoku-Extreme's format. */
import { isCompletion, parseSudoku, type SudokuRules } from '@eddy/puzzles';

import { readPuzzleCsv, RowProblem } from '../rows/csv.ts';
import type { SudokuRow } from './sudoku-row.ts';

/**
 * Reads puzzles in the file's order; every row is checked, also that its answer is a solution of its
 * question.
 *
 * @throws CSV_ROW_INVALID
 * @memory one chunk of the file.
 */
export function readSudokuCsv(
  file: string,
  rules: SudokuRules,
  signal: AbortSignal,
): AsyncGenerator<SudokuRow> {
  return readPuzzleCsv(file, (question, answer) => parseRow(question, answer, rules), signal);
}

function parseRow(
  question: string,
  answer: string,
  rules: SudokuRules,
): Omit<SudokuRow, 'rating'> | RowProblem {
  const givens = parseSudoku(question, rules);
  if (typeof givens === 'string') {
    const expected = `a question of ${rules.numCells} digits 1–${rules.size}, "." or 0 for a blank`;
    return new RowProblem(expected, givens);
  }
  const solution = parseSudoku(answer, rules);
  if (typeof solution === 'string') {
    return new RowProblem(`an answer of ${rules.numCells} digits 1–${rules.size}`, solution);
  }
  if (!isCompletion(solution, givens, rules)) {
    return new RowProblem('an answer that solves the question', `${question}, ${answer}`);
  }
  return { givens, solution };
}
