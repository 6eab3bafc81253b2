/** Files of puzzles, one a line: `source,question,answer,rating`. */
import { createReadStream } from 'node:fs';

import { csvRowInvalid } from './errors.ts';

const HEADER = 'source,question,answer,rating';
const CHUNK_BYTES = 1 << 20;
/** More than any puzzle has: a file without line ends is not read into memory whole. */
const MAX_LINE_LENGTH = 1 << 16;

const COMMA = ','.charCodeAt(0);
const LINE_FEED = '\n'.charCodeAt(0);
const CARRIAGE_RETURN = '\r'.charCodeAt(0);
const DIGIT_0 = '0'.charCodeAt(0);

/** What a row says that it should not: what was expected, what stood there. */
export class RowProblem {
  readonly expected: string;
  readonly received: string;

  constructor(expected: string, received: string) {
    this.expected = expected;
    this.received = received;
  }
}

/** The fields of a line, as they lie in the bytes of the file: a view of each takes as long as reading it. */
export interface PuzzleFields {
  readonly bytes: Uint8Array;
  readonly question: { readonly start: number; readonly end: number };
  readonly answer: { readonly start: number; readonly end: number };
  readonly rating: number;
}

/** The bytes of a field. */
export function fieldOf(bytes: Uint8Array, { start, end }: PuzzleFields['question']): Uint8Array {
  return bytes.subarray(start, end);
}

/** The fields of a line → a row, or what is wrong. The next line has the same object. */
export type ParseRow<Row> = (fields: PuzzleFields) => Row | RowProblem;

/**
 * Reads puzzles in the file's order. Spaces belong to the fields; line ends may be LF or CRLF.
 *
 * @param parse  may write over the row before.
 * @throws CSV_ROW_INVALID
 * @memory one chunk of the file.
 */
export async function* readPuzzleCsv<Row extends object>(
  file: string,
  parse: ParseRow<Row>,
  signal: AbortSignal,
): AsyncGenerator<Iterable<Row>> {
  const place = { file, line: 0 };
  for await (const lines of wholeLines(file, signal)) yield rowsOf(lines, parse, place);
  if (place.line === 0) {
    const expected = `the header ${HEADER}`;
    throw csvRowInvalid({ file, line: 1, expected, received: 'no text' });
  }
}

function* rowsOf<Row extends object>(
  lines: Buffer,
  parse: ParseRow<Row>,
  place: { readonly file: string; line: number },
): Generator<Row> {
  const fields = new LineFields(lines);
  for (let start = 0; start < lines.length;) {
    const found = lines.indexOf(LINE_FEED, start);
    const next = found === -1 ? lines.length : found;
    const end = next > start && lines[next - 1] === CARRIAGE_RETURN ? next - 1 : next;
    place.line += 1;
    const row =
      place.line === 1 ? headerProblem(lines.subarray(start, end)) : parseLine(fields, start, end, parse); // prettier-ignore
    if (row instanceof RowProblem) throw csvRowInvalid({ ...place, ...row });
    if (row !== undefined) yield row;
    start = next + 1;
  }
}

function headerProblem(line: Buffer): RowProblem | undefined {
  // Skips a byte order mark, which Excel writes.
  if (new TextDecoder().decode(line) === HEADER) return undefined;
  return new RowProblem(`the header ${HEADER}`, quoted(line));
}

class LineFields implements PuzzleFields {
  readonly bytes: Buffer;
  readonly question = { start: 0, end: 0 };
  readonly answer = { start: 0, end: 0 };
  rating = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
}

function parseLine<Row extends object>(
  fields: LineFields,
  start: number,
  end: number,
  parse: ParseRow<Row>,
): Row | RowProblem {
  const { bytes, question, answer } = fields;
  if (end - start > MAX_LINE_LENGTH) {
    const line = quoted(bytes.subarray(start, end));
    return new RowProblem(`a line of at most ${MAX_LINE_LENGTH} characters`, line);
  }
  const first = commaFrom(bytes, start, end);
  const second = commaFrom(bytes, first + 1, end);
  const third = commaFrom(bytes, second + 1, end);
  if (third === end || commaFrom(bytes, third + 1, end) !== end) {
    const line = bytes.subarray(start, end);
    const expected = 'four fields: source, question, answer, rating';
    return new RowProblem(expected, `${line.toString().split(',').length}: ${quoted(line)}`);
  }
  question.start = first + 1;
  question.end = second;
  answer.start = second + 1;
  answer.end = third;
  fields.rating = wholeNumber(bytes, third + 1, end);
  const row = parse(fields);
  if (row instanceof RowProblem || !Number.isNaN(fields.rating)) return row;
  return new RowProblem('a rating: a whole number', quoted(bytes.subarray(third + 1, end)));
}

/** Where the next comma stands; `end` when there is none. */
function commaFrom(bytes: Buffer, from: number, end: number): number {
  if (from >= end) return end;
  const found = bytes.indexOf(COMMA, from);
  return found === -1 || found > end ? end : found;
}

/** The digits of a field as a number; NaN where there are others, or none. */
function wholeNumber(bytes: Uint8Array, start: number, end: number): number {
  let value = start < end ? 0 : Number.NaN;
  for (let i = start; i < end; i++) {
    const digit = bytes[i]! - DIGIT_0;
    value = digit >= 0 && digit <= 9 ? 10 * value + digit : Number.NaN;
  }
  return value;
}

/** The file in pieces of whole lines. A line that is too long comes cut, so that it is refused by its place. */
async function* wholeLines(file: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  const chunks = createReadStream(file, { highWaterMark: CHUNK_BYTES, signal }) as AsyncIterable<Buffer>; // prettier-ignore
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = bytes.lastIndexOf(LINE_FEED) + 1;
    if (end > 0) yield bytes.subarray(0, end);
    rest = bytes.subarray(end);
    if (rest.length > MAX_LINE_LENGTH) break;
  }
  if (rest.length > 0) yield rest;
}

function quoted(line: Buffer): string {
  const text = line.toString();
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
