/** Files of puzzles, one a line: `source,question,answer,rating`. */
import { createReadStream } from 'node:fs';

import { csvRowInvalid } from '../errors.ts';

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

/** Question and answer as the bytes of the file, rating → a row, or what is wrong. */
export type ParseRow<Row> = (
  question: Uint8Array,
  answer: Uint8Array,
  rating: number,
) => Row | RowProblem;

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
  for (let start = 0; start < lines.length;) {
    const found = lines.indexOf(LINE_FEED, start);
    const next = found === -1 ? lines.length : found;
    const end = next > start && lines[next - 1] === CARRIAGE_RETURN ? next - 1 : next;
    place.line += 1;
    const line = lines.subarray(start, end);
    const row = place.line === 1 ? headerProblem(line) : parseLine(line, parse);
    if (row instanceof RowProblem) throw csvRowInvalid({ ...place, ...row });
    if (row !== undefined) yield row;
    start = next + 1;
  }
}

function headerProblem(line: Buffer): RowProblem | undefined {
  if (line.toString() === HEADER) return undefined;
  return new RowProblem(`the header ${HEADER}`, quoted(line));
}

function parseLine<Row extends object>(line: Buffer, parse: ParseRow<Row>): Row | RowProblem {
  if (line.length > MAX_LINE_LENGTH) {
    return new RowProblem(`a line of at most ${MAX_LINE_LENGTH} characters`, quoted(line));
  }
  const first = line.indexOf(COMMA);
  const second = line.indexOf(COMMA, first + 1);
  const third = line.indexOf(COMMA, second + 1);
  if (!(0 <= first && first < second && second < third) || line.includes(COMMA, third + 1)) {
    const expected = 'four fields: source, question, answer, rating';
    return new RowProblem(expected, `${line.toString().split(',').length}: ${quoted(line)}`);
  }
  const rating = wholeNumber(line, third + 1);
  const row = parse(line.subarray(first + 1, second), line.subarray(second + 1, third), rating);
  if (row instanceof RowProblem || !Number.isNaN(rating)) return row;
  return new RowProblem('a rating: a whole number', quoted(line.subarray(third + 1)));
}

/** The digits from `from` to the end as a number; NaN where there are others, or none. */
function wholeNumber(line: Buffer, from: number): number {
  let value = from < line.length ? 0 : Number.NaN;
  for (let i = from; i < line.length; i++) {
    const digit = line[i]! - DIGIT_0;
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
