/** Single Sudokus as people and solvers write and read them. */
import type { SudokuRules } from '../sudoku/rules.ts';
import { sudokuTokensOf } from '../sudoku/tokens.ts';
import { sudokuViolations } from '../sudoku/violations.ts';
import type { Misreading } from './misreading.ts';
import { BLANKS, cellLines, isDecoration } from './sudoku-drawing.ts';

/**
 * Reads a grid: digits, `.` or `0` for a blank, on one line or on several, spaces, bars and lines between
 * boxes wherever they help the eye; also as qqwing, Simple Sudoku, HoDoKu, SudoCue and SadMan write it.
 * Where that is no whole grid, `_`, `*`, `-`, `x` or `?` are tried for blanks.
 *
 * @returns tokens, or where the text is no puzzle
 */
export function readSudokuText(text: string, rules: SudokuRules): Uint8Array | Misreading {
  const readings = BLANKS.map((blanks) => readCells(text, blanks, rules));
  const cells = readings.find((reading) => reading instanceof Uint8Array);
  if (cells !== undefined) return sudokuTokensOf(cells);
  return {
    ...(readings[0] as Misreading),
    fix: `write ${rules.numCells} digits with "." or 0 for blanks, on one line or on ${rules.size}`,
  };
}

/** The digits of all cells, 0 for a blank. */
function readCells(text: string, blanks: string, rules: SudokuRules): Uint8Array | Misreading {
  const digits: number[] = [];
  const lines = cellLines(text, blanks);
  for (const { line, text: content } of lines) {
    for (const [column, character] of [...content].entries()) {
      const isBlank = blanks.includes(character);
      if (!isBlank && isDecoration(character)) continue;
      const digit = isBlank ? 0 : character.charCodeAt(0) - 0x30;
      const place = { line, column: column + 1 };
      if (!(digit >= 0 && digit <= rules.size)) {
        const expected = `a digit 1–${rules.size}, or "." or 0 for a blank`;
        return { ...place, expected, received: JSON.stringify(character) };
      }
      if (digits.length === rules.numCells) {
        return { ...place, expected: `${rules.numCells} cells`, received: 'more' };
      }
      digits.push(digit);
    }
  }
  if (digits.length === rules.numCells) return Uint8Array.from(digits);
  const last = lines.findLast((line) => line.text.trim() !== '');
  return {
    line: last?.line ?? 1,
    column: (last?.text.length ?? 0) + 1,
    expected: `${rules.numCells} cells`,
    received: `the end of the text after ${digits.length}`,
  };
}

/** One line, `.` for a blank and for padding that a model put into a cell. */
export function formatSudokuTokens(tokens: Uint8Array): string {
  return Array.from(tokens, (token) => (token > 1 ? String(token - 1) : '.')).join('');
}

/** Returns what is wrong with an answer, a sentence each; see `sudokuViolations`. */
export function violationsOfSudokuTokens(
  input: Uint8Array,
  answer: Uint8Array,
  rules: SudokuRules,
): string[] {
  const digits = (tokens: Uint8Array) => tokens.map((token) => (token > 1 ? token - 1 : 0));
  return sudokuViolations(digits(answer), digits(input), rules);
}
