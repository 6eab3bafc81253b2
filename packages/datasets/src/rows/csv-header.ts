/** What the first line of a file of puzzles says: how fields are divided, and which column is which. */
import { csvHeaderInvalid } from './errors.ts';

/** Where the columns of a file stand. */
export interface CsvDialect {
  /** Byte between fields. */
  readonly delimiter: number;
  readonly numColumns: number;
  /** Index of the column, from 0. */
  readonly question: number;
  readonly answer: number;
  /** Undefined where puzzles are not rated. */
  readonly rating: number | undefined;
  /** A blank follows each delimiter, as in `question, answer`; else blanks belong to the fields. */
  readonly blankAfterDelimiter: boolean;
}

const DELIMITERS = [',', ';', '\t', '|'];

/** Names of the columns in published files, the usual one first. */
const NAMES = {
  question: ['question', 'puzzle', 'quiz', 'input', 'maze', 'q'],
  answer: ['answer', 'solution', 'label', 'output', 'path', 'a'],
  rating: ['rating', 'difficulty'],
};

/**
 * Reads a header in any of the dialects that spreadsheets, pandas and Kaggle write: quoted names, other
 * delimiters, further columns (an index, clues) and other names (`quizzes,solutions`).
 *
 * @throws CSV_HEADER_INVALID
 */
export function readHeader(line: Uint8Array, file: string): CsvDialect {
  const text = headerText(line, file);
  for (const delimiter of DELIMITERS) {
    const written = text.split(delimiter);
    const names = written.map(plainName);
    const [question, answer, rating] = [
      columnOf(names, NAMES.question),
      columnOf(names, NAMES.answer),
      columnOf(names, NAMES.rating),
    ];
    if (question === undefined || answer === undefined) continue;
    return {
      delimiter: delimiter.charCodeAt(0),
      numColumns: names.length,
      question,
      answer,
      rating,
      blankAfterDelimiter: written.slice(1).every((name) => name.startsWith(' ')),
    };
  }
  throw csvHeaderInvalid(file, text === '' ? 'no text' : shortened(text));
}

/** @throws CSV_HEADER_INVALID for files that are no text */
function headerText(line: Uint8Array, file: string): string {
  const [first, second] = line;
  if (first === 0x1f && second === 0x8b) throw csvHeaderInvalid(file, 'a file compressed by gzip');
  if (first === 0x50 && second === 0x4b) throw csvHeaderInvalid(file, 'a ZIP archive');
  if (line.includes(0)) throw csvHeaderInvalid(file, 'text in UTF-16, or no text');
  // Skips a byte order mark, which Excel writes.
  return new TextDecoder().decode(line).trimEnd();
}

/** `"Quizzes"` → `quizzes`. */
function plainName(name: string): string {
  return name.trim().replace(/^"(.*)"$/, '$1').trim().toLowerCase(); // prettier-ignore
}

/** The column of the first of these names that is there, in the singular or the plural. */
function columnOf(columns: readonly string[], names: readonly string[]): number | undefined {
  for (const name of names) {
    const at = columns.findIndex((column) => [name, `${name}s`, `${name}zes`].includes(column));
    if (at >= 0) return at;
  }
  return undefined;
}

function shortened(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
