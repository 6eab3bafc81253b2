/** Files in the format of maze-30x30-hard-1k: a maze is one field, spaces are free cells. */
import { marksPath, mazeProblem, parseMaze } from '@eddy/puzzles';

import { fieldOf, readPuzzleCsv, RowProblem, type PuzzleFields } from '../rows/csv.ts';
import type { StreamedRows } from '../rows/rows.ts';
import type { MazeRow } from './maze-row.ts';

/**
 * Reads mazes in the file's order, each over the one before; every row is checked, also that its answer
 * is a path through its question.
 *
 * @param size  rows and columns that every maze must have.
 * @throws CSV_ROW_INVALID
 * @memory one chunk of the file.
 */
export function readMazeCsv(
  file: string,
  size: number,
  signal: AbortSignal,
): StreamedRows<MazeRow> {
  const cells = { question: new Uint8Array(size * size), answer: new Uint8Array(size * size) };
  const expected = (what: string) => `${what} of ${size} × ${size} characters of "# SGo"`;
  const parse = (fields: PuzzleFields) => {
    const { bytes, rating } = fields;
    const questionText = fieldOf(bytes, fields.question);
    const answerText = fieldOf(bytes, fields.answer);
    const question = parseMaze(questionText, cells.question);
    if (typeof question === 'string') return new RowProblem(expected('a question'), question);
    if (question.rows !== size) {
      return new RowProblem(expected('a question'), `${question.rows} × ${question.cols}`);
    }
    const problem = mazeProblem(question);
    if (problem !== undefined) return new RowProblem('a question with one S and one G', problem);
    const answer = parseMaze(answerText, cells.answer);
    if (typeof answer === 'string') return new RowProblem(expected('an answer'), answer);
    if (answer.rows !== size) {
      return new RowProblem(expected('an answer'), `${answer.rows} × ${answer.cols}`);
    }
    if (!marksPath(question, answer)) {
      const received = new TextDecoder().decode(answerText);
      return new RowProblem('an answer that marks a path from S to G', received);
    }
    return { question, answer, rating };
  };
  return readPuzzleCsv(file, parse, signal);
}

/** A row that stays when the next one is read. */
export function copyMazeRow({ question, answer, rating }: MazeRow): MazeRow {
  return {
    question: { ...question, cells: question.cells.slice() },
    answer: { ...answer, cells: answer.cells.slice() },
    rating,
  };
}
