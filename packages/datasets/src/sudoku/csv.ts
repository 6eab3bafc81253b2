/** Files in Sudoku-Extreme's format. */
import { parseSudoku, readSolved, type SudokuRules } from '@eddy/puzzles';

import { fieldOf, readPuzzleCsv, RowProblem, type PuzzleFields } from '../rows/csv.ts';
import type { StreamedRows } from '../rows/rows.ts';
import type { SudokuRow } from './sudoku-row.ts';

/**
 * Reads puzzles in the file's order, each over the one before; every row is checked, also that its
 * answer is a solution of its question.
 *
 * @throws CSV_ROW_INVALID
 * @memory one chunk of the file.
 */
export function readSudokuCsv(
  file: string,
  rules: SudokuRules,
  signal: AbortSignal,
): StreamedRows<SudokuRow> {
  const { numCells } = rules;
  const [givens, solution] = [new Uint8Array(numCells), new Uint8Array(numCells)];
  const parse = ({ bytes, question, answer, rating }: PuzzleFields) => {
    const areGrids =
      question.end - question.start === numCells && answer.end - answer.start === numCells;
    if (!areGrids || !readSolved(bytes, question.start, answer.start, rules, givens, solution)) {
      return problemOf(fieldOf(bytes, question), fieldOf(bytes, answer), rules);
    }
    return { givens, solution, rating };
  };
  return readPuzzleCsv(file, parse, signal);
}

function problemOf(question: Uint8Array, answer: Uint8Array, rules: SudokuRules): RowProblem {
  const { numCells, size } = rules;
  const asked = parseSudoku(question, rules);
  if (typeof asked === 'string') {
    return new RowProblem(
      `a question of ${numCells} digits 1–${size}, "." or 0 for a blank`,
      asked,
    );
  }
  const solved = parseSudoku(answer, rules);
  if (typeof solved === 'string') {
    return new RowProblem(`an answer of ${numCells} digits 1–${size}`, solved);
  }
  const text = new TextDecoder();
  const received = `${text.decode(question)}, ${text.decode(answer)}`;
  return new RowProblem('an answer that solves the question', received);
}

/** A row that stays when the next one is read. */
export function copySudokuRow({ givens, solution, rating }: SudokuRow): SudokuRow {
  return { givens: givens.slice(), solution: solution.slice(), rating };
}
