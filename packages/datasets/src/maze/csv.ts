/** Files in the format of maze-30x30-hard-1k: a maze is one field, spaces are free cells. */
import { marksPath, mazeProblem, parseMaze } from '@eddy/puzzles';

import { readPuzzleCsv, RowProblem } from '../rows/csv.ts';
import type { MazeRow } from './maze-row.ts';

/**
 * Reads mazes in the file's order; every row is checked, also that its answer is a path through its
 * question.
 *
 * @param size  rows and columns that every maze must have.
 * @throws CSV_ROW_INVALID
 * @memory one chunk of the file.
 */
export function readMazeCsv(
  file: string,
  size: number,
  signal: AbortSignal,
): AsyncGenerator<MazeRow> {
  return readPuzzleCsv(file, (question, answer) => parseRow(question, answer, size), signal);
}

function parseRow(
  questionText: string,
  answerText: string,
  size: number,
): Omit<MazeRow, 'rating'> | RowProblem {
  const expected = (what: string) => `${what} of ${size} × ${size} characters of "# SGo"`;
  const question = parseMaze(questionText);
  if (typeof question === 'string') return new RowProblem(expected('a question'), question);
  if (question.rows !== size) {
    return new RowProblem(expected('a question'), `${question.rows} × ${question.cols}`);
  }
  const problem = mazeProblem(question);
  if (problem !== undefined) return new RowProblem('a question with one S and one G', problem);
  const answer = parseMaze(answerText);
  if (typeof answer === 'string') return new RowProblem(expected('an answer'), answer);
  if (answer.rows !== size) {
    return new RowProblem(expected('an answer'), `${answer.rows} × ${answer.cols}`);
  }
  if (!marksPath(question, answer)) {
    return new RowProblem('an answer that marks a path from S to G', answerText);
  }
  return { question, answer };
}
