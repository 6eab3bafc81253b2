/** Files of puzzles, one a line, in the dialects of `csv-header.ts`. */

import { openInputFile, refuseGitLfsPointer } from '@eddy/core/files';

import { csvRowInvalid } from './errors.ts';
import { readHeader, type CsvDialect } from './csv-header.ts';

const CHUNK_BYTES = 1 << 20;
/** More than any puzzle has: a file without line ends is not read into memory whole. */
const MAX_LINE_LENGTH = 1 << 16;

const LINE_FEED = '\n'.charCodeAt(0);
const CARRIAGE_RETURN = '\r'.charCodeAt(0);
const QUOTE = '"'.charCodeAt(0);
const BLANK = 0x20;
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
  /** NaN where the row has none. */
  readonly rating: number;
}

/** The bytes of a field. */
export function fieldOf(bytes: Uint8Array, { start, end }: PuzzleFields['question']): Uint8Array {
  return bytes.subarray(start, end);
}

/** The fields of a line → a row, or what is wrong. The next line has the same object. */
export type ParseRow<Row> = (fields: PuzzleFields) => Row | RowProblem;

/**
 * Reads puzzles in the file's order. Spaces belong to the fields unless one follows each
 * delimiter of the header; quotes around fields do not; line ends may
 * be LF or CRLF; lines without any field are left out.
 *
 * @param parse  may write over the row before.
 * @throws CSV_HEADER_INVALID, CSV_ROW_INVALID, GIT_LFS_POINTER
 * @memory one chunk of the file.
 */
export async function* readPuzzleCsv<Row extends object>(
  file: string,
  parse: ParseRow<Row>,
  signal: AbortSignal,
): AsyncGenerator<Iterable<Row>> {
  const reader = new LineReader(file, parse);
  for await (const lines of wholeLines(file, signal)) yield reader.rowsOf(lines);
  if (reader.line === 0) readHeader(new Uint8Array(), file);
}

class LineReader<Row extends object> {
  line = 0;
  readonly #file: string;
  readonly #parse: ParseRow<Row>;
  #dialect: CsvDialect | undefined;

  constructor(file: string, parse: ParseRow<Row>) {
    this.#file = file;
    this.#parse = parse;
  }

  *rowsOf(lines: Buffer): Generator<Row> {
    const fields = new LineFields(lines);
    for (let start = 0; start < lines.length;) {
      const found = lines.indexOf(LINE_FEED, start);
      const next = found === -1 ? lines.length : found;
      const end = next > start && lines[next - 1] === CARRIAGE_RETURN ? next - 1 : next;
      this.line += 1;
      if (this.#dialect === undefined) {
        const header = lines.subarray(start, Math.min(end, start + MAX_LINE_LENGTH));
        refuseGitLfsPointer(lines, this.#file);
        this.#dialect = readHeader(header, this.#file);
      } else {
        const row = parseLine(fields, this.#dialect, start, end, this.#parse);
        if (row instanceof RowProblem) {
          throw csvRowInvalid({ file: this.#file, line: this.line, ...row });
        }
        if (row !== undefined) yield row;
      }
      start = next + 1;
    }
  }
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

/** @returns undefined for a line without any field. */
function parseLine<Row extends object>(
  fields: LineFields,
  dialect: CsvDialect,
  start: number,
  end: number,
  parse: ParseRow<Row>,
): Row | RowProblem | undefined {
  const { bytes, question, answer } = fields;
  if (end - start > MAX_LINE_LENGTH) {
    const line = quoted(bytes.subarray(start, end));
    return new RowProblem(`a line of at most ${MAX_LINE_LENGTH} characters`, line);
  }
  fields.rating = Number.NaN;
  let column = 0;
  let isEmpty = true;
  let rating: RowProblem | undefined;
  for (let at = start; at <= end; column++) {
    const isQuoted = at < end && bytes[at] === QUOTE;
    const stop = isQuoted ? closingQuote(bytes, at, end) : at;
    const next = delimiterFrom(bytes, stop, end, dialect.delimiter);
    if (isQuoted && (stop === end || stop + 1 !== next)) return quoteProblem(bytes, start, end);
    const [from, to] = isQuoted ? [at + 1, stop] : [at, next];
    if (to > from) isEmpty = false;
    if (column === dialect.question) place(question, from, to);
    else if (column === dialect.answer) place(answer, from, to);
    else if (column === dialect.rating) rating = readRating(fields, from, to);
    at = next + 1;
    if (dialect.blankAfterDelimiter && bytes[at] === BLANK && at < end) at += 1;
  }
  if (column !== dialect.numColumns) {
    // A line of blanks or of nothing but delimiters is what spreadsheets leave at the end.
    if (isEmpty || bytes.subarray(start, end).toString().trim() === '') return undefined;
    const expected = `${dialect.numColumns} fields, as in the header`;
    return new RowProblem(expected, `${column}: ${quoted(bytes.subarray(start, end))}`);
  }
  if (isEmpty) return undefined;
  const row = parse(fields);
  return row instanceof RowProblem ? row : (rating ?? row);
}

function place(field: { start: number; end: number }, start: number, end: number): void {
  field.start = start;
  field.end = end;
}

function quoteProblem(bytes: Buffer, start: number, end: number): RowProblem {
  const expected = 'quotes around whole fields, closed on the same line';
  return new RowProblem(expected, quoted(bytes.subarray(start, end)));
}

/** Where the next delimiter stands; `end` when there is none. */
function delimiterFrom(bytes: Buffer, from: number, end: number, delimiter: number): number {
  const found = bytes.indexOf(delimiter, from);
  return found === -1 || found > end ? end : found;
}

/** Where the quote that opens at `at` is closed; `end` when it is not. */
function closingQuote(bytes: Buffer, at: number, end: number): number {
  const found = bytes.indexOf(QUOTE, at + 1);
  return found === -1 || found > end ? end : found;
}

/** Digits are read in place; anything else as a text. An empty field is no rating. */
function readRating(fields: LineFields, start: number, end: number): RowProblem | undefined {
  const { bytes } = fields;
  let value = start < end ? 0 : Number.NaN;
  for (let i = start; i < end; i++) {
    const digit = bytes[i]! - DIGIT_0;
    if (digit < 0 || digit > 9) return readDecimal(fields, bytes.subarray(start, end).toString());
    value = 10 * value + digit;
  }
  fields.rating = value;
  return isStorable(value) ? undefined : ratingProblem(bytes.subarray(start, end).toString());
}

const DECIMAL = /^[+-]?(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][+-]?\d+)?$/;

function readDecimal(fields: LineFields, text: string): RowProblem | undefined {
  const trimmed = text.trim();
  if (trimmed === '' || /^(?:nan|null|none|n\/a)$/i.test(trimmed)) return undefined;
  const value = DECIMAL.test(trimmed) ? Number(trimmed.replace(',', '.')) : Number.NaN;
  if (Number.isNaN(value) || !isStorable(value)) return ratingProblem(text);
  fields.rating = value;
  return undefined;
}

/** Ratings are stored as float32. */
function isStorable(value: number): boolean {
  return Number.isNaN(value) || Number.isFinite(Math.fround(value));
}

function ratingProblem(text: string): RowProblem {
  return new RowProblem('a rating: a number below 3.4e38, or nothing', JSON.stringify(text));
}

/** The file in pieces of whole lines. A line that is too long comes cut, so that it is refused by its place. */
async function* wholeLines(file: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  // The stream closes the file, also where its reader stops early.
  const opened = await openInputFile(file);
  const chunks = opened.createReadStream({ highWaterMark: CHUNK_BYTES, signal }) as AsyncIterable<Buffer>; // prettier-ignore
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
