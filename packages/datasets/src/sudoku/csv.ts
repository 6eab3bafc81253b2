/** Files in Sudoku-Extreme's format: `source,question,answer,rating`, one puzzle a line. */
import { createReadStream } from 'node:fs';

import { isCompletion, parseSudoku, type SudokuRules } from '@eddy/puzzles';

import { csvRowInvalid } from '../errors.ts';
import type { SudokuRow } from './rows.ts';

const HEADER = 'source,question,answer,rating';
const CHUNK_BYTES = 1 << 20;

/**
 * Reads puzzles in the file's order; every row is checked, also that its answer is a solution of its
 * question.
 *
 * @throws CSV_ROW_INVALID
 * @memory one chunk of the file.
 */
export async function* readSudokuCsv(
  file: string,
  rules: SudokuRules,
  signal: AbortSignal,
): AsyncGenerator<SudokuRow> {
  let line = 0;
  for await (const text of linesOf(file, signal)) {
    line += 1;
    if (line > 1) yield parseRow(text, { file, line }, rules);
    else if (text !== HEADER) {
      throw csvRowInvalid({ file, line, expected: `the header ${HEADER}`, received: quoted(text) });
    }
  }
  if (line === 0) {
    throw csvRowInvalid({ file, line: 1, expected: `the header ${HEADER}`, received: 'no text' });
  }
}

function parseRow(
  text: string,
  place: { readonly file: string; readonly line: number },
  rules: SudokuRules,
): SudokuRow {
  const fields = text.split(',');
  const refuse = (expected: string, received: string) =>
    csvRowInvalid({ ...place, expected, received });
  if (fields.length !== 4) {
    throw refuse(
      'four fields: source, question, answer, rating',
      `${fields.length}: ${quoted(text)}`,
    );
  }
  const [, question, answer, ratingText] = fields as [string, string, string, string];
  const givens = parseSudoku(question, rules);
  if (typeof givens === 'string') {
    const expected = `a question of ${rules.numCells} digits 1–${rules.size}, "." or 0 for a blank`;
    throw refuse(expected, givens);
  }
  const solution = parseSudoku(answer, rules);
  if (typeof solution === 'string') {
    throw refuse(`an answer of ${rules.numCells} digits 1–${rules.size}`, solution);
  }
  if (!isCompletion(solution, givens, rules)) {
    throw refuse('an answer that solves the question', `${question}, ${answer}`);
  }
  if (!/^\d+$/.test(ratingText)) throw refuse('a rating: a whole number', quoted(ratingText));
  return { givens, solution, rating: Number(ratingText) };
}

/** Lines without their ends (LF or CRLF). */
async function* linesOf(file: string, signal: AbortSignal): AsyncGenerator<string> {
  const chunks = createReadStream(file, {
    encoding: 'utf8',
    highWaterMark: CHUNK_BYTES,
    signal,
  }) as AsyncIterable<string>;
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line;
  }
  if (rest !== '') yield rest;
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
