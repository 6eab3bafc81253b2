/** Single Sudokus as people write and read them. */
import { sudokuViolations, type SudokuRules } from '@eddy/puzzles';

import { puzzleInvalid } from '../text/errors.ts';
import type { PuzzleText } from '../text/puzzle-text.ts';
import { tokensOf } from './tokens.ts';

/** Lines between boxes and marks beside them, as drawings have them. */
const RULE_LINE = /^[-+─┼\s]*$/;
const DECORATION = /[\s|│]/;

export const sudokuText = (rules: SudokuRules): PuzzleText => ({
  parse: (text) => ({ puzzles: [{ input: parseTokens(text, rules) }] }),
  format: formatTokens,
  violations: (input, answer) => violationsOf(input, answer, rules),
});

/**
 * Reads a grid: digits, `.` or `0` for a blank, on one line or on several, spaces and lines between
 * boxes wherever they help the eye.
 *
 * @throws PUZZLE_INVALID
 */
export function parseTokens(text: string, rules: SudokuRules): Uint8Array {
  const digits: number[] = [];
  const lines = text.split(/\r?\n/);
  for (const [row, line] of lines.entries()) {
    if (RULE_LINE.test(line)) continue;
    for (const [column, character] of [...line].entries()) {
      if (DECORATION.test(character)) continue;
      const digit = character === '.' ? 0 : character.charCodeAt(0) - 0x30;
      const place = { line: row + 1, column: column + 1 };
      if (!(digit >= 0 && digit <= rules.size)) {
        const expected = `a digit 1–${rules.size}, or "." or 0 for a blank`;
        throw puzzleInvalid({ ...place, expected, received: JSON.stringify(character) });
      }
      if (digits.length === rules.numCells) {
        throw puzzleInvalid({ ...place, expected: `${rules.numCells} cells`, received: 'more' });
      }
      digits.push(digit);
    }
  }
  if (digits.length < rules.numCells) {
    const last = lines.findLastIndex((line) => line.trim() !== '');
    throw puzzleInvalid({
      line: Math.max(0, last) + 1,
      column: (lines[last]?.length ?? 0) + 1,
      expected: `${rules.numCells} cells`,
      received: `the end of the text after ${digits.length}`,
    });
  }
  return tokensOf(Uint8Array.from(digits));
}

/** One line, `.` for a blank and for padding that a model put into a cell. */
export function formatTokens(tokens: Uint8Array): string {
  return Array.from(tokens, (token) => (token > 1 ? String(token - 1) : '.')).join('');
}

function violationsOf(input: Uint8Array, answer: Uint8Array, rules: SudokuRules): string[] {
  const digits = (tokens: Uint8Array) => tokens.map((token) => (token > 1 ? token - 1 : 0));
  return sudokuViolations(digits(answer), digits(input), rules);
}
