/** Files in Sudoku-Extreme's format. */
import { isCompletion, parseSudoku, type SudokuRules } from '@eddy/puzzles';

import { readPuzzleCsv, RowProblem } from '../rows/csv.ts';
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
  const { numCells, size } = rules;
  const [givens, solution] = [new Uint8Array(numCells), new Uint8Array(numCells)];
  const parse = (question: Uint8Array, answer: Uint8Array, rating: number) => {
    const asked = parseSudoku(question, rules, givens);
    if (typeof asked === 'string') {
      return new RowProblem(`a question of ${numCells} digits 1–${size}, "." or 0 for a blank`, asked); // prettier-ignore
    }
    const solved = parseSudoku(answer, rules, solution);
    if (typeof solved === 'string') {
      return new RowProblem(`an answer of ${numCells} digits 1–${size}`, solved);
    }
    if (!isCompletion(solution, givens, rules)) {
      const text = new TextDecoder();
      const received = `${text.decode(question)}, ${text.decode(answer)}`;
      return new RowProblem('an answer that solves the question', received);
    }
    return { givens, solution, rating };
  };
  return readPuzzleCsv(file, parse, signal);
}

/** A row that stays when the next one is read. */
export function copySudokuRow({ givens, solution, rating }: SudokuRow): SudokuRow {
  return { givens: givens.slice(), solution: solution.slice(), rating };
}
