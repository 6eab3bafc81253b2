/** Files of puzzles, one a line: `source,question,answer,rating`. */
import { createReadStream } from 'node:fs';

import { csvRowInvalid } from '../errors.ts';

const HEADER = 'source,question,answer,rating';
const CHUNK_BYTES = 1 << 20;
/** More than any puzzle has: a file without line ends is not read into memory whole. */
const MAX_LINE_LENGTH = 1 << 16;

/** What a row says that it should not: what was expected, what stood there. */
export class RowProblem {
  readonly expected: string;
  readonly received: string;

  constructor(expected: string, received: string) {
    this.expected = expected;
    this.received = received;
  }
}

/**
 * Reads puzzles in the file's order. Spaces belong to the fields; line ends may be LF or CRLF.
 *
 * @param parse  question and answer of one row → the row without its rating, or what is wrong.
 * @throws CSV_ROW_INVALID
 * @memory one chunk of the file.
 */
export async function* readPuzzleCsv<Row extends object>(
  file: string,
  parse: (question: string, answer: string) => Row | RowProblem,
  signal: AbortSignal,
): AsyncGenerator<Row & { readonly rating: number }> {
  let line = 0;
  for await (const text of linesOf(file, signal)) {
    line += 1;
    const row = line === 1 ? headerProblem(text) : parseRow(text, parse);
    if (row instanceof RowProblem) throw csvRowInvalid({ file, line, ...row });
    if (row !== undefined) yield row;
  }
  if (line === 0) {
    throw csvRowInvalid({ file, line: 1, expected: `the header ${HEADER}`, received: 'no text' });
  }
}

function headerProblem(text: string): RowProblem | undefined {
  if (text === HEADER) return undefined;
  return new RowProblem(`the header ${HEADER}`, quoted(text));
}

function parseRow<Row extends object>(
  text: string,
  parse: (question: string, answer: string) => Row | RowProblem,
): (Row & { readonly rating: number }) | RowProblem {
  if (text.length > MAX_LINE_LENGTH) {
    return new RowProblem(`a line of at most ${MAX_LINE_LENGTH} characters`, quoted(text));
  }
  const fields = text.split(',');
  if (fields.length !== 4) {
    const expected = 'four fields: source, question, answer, rating';
    return new RowProblem(expected, `${fields.length}: ${quoted(text)}`);
  }
  const [, question, answer, rating] = fields as [string, string, string, string];
  const row = parse(question, answer);
  if (row instanceof RowProblem) return row;
  if (!/^\d+$/.test(rating)) return new RowProblem('a rating: a whole number', quoted(rating));
  return { ...row, rating: Number(rating) };
}

/** Lines without their ends; one that is too long comes cut, so that it is refused by its place. */
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
    if (rest.length > MAX_LINE_LENGTH) break;
  }
  if (rest !== '') yield rest;
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
