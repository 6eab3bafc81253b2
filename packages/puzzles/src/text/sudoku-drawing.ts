/** Which characters of a drawing of a Sudoku are cells: what solvers and people write around them. */

/** A line of a text that has cells. */
export interface DrawnLine {
  /** From 1, in the whole text. */
  readonly line: number;
  readonly text: string;
}

/** Besides digits: `.` and 0 by default, or what else a text has for blanks. */
export const BLANKS = ['.0', '.0_', '.0*', '.0-', '.0xX', '.0?'];

/** Characters that stand between cells: bars, box drawing, commas, brackets of JSON. */
const DECORATION = /[\s|:!,;¦[\]"'\u2500-\u257F]/;
/** `[Puzzle]`, as SadMan Sudoku and others divide a file. */
const SECTION = /^\s*\[([A-Za-z][\w ]*)\]\s*$/;

/** True for a character that is neither a cell nor a mistake. */
export function isDecoration(character: string): boolean {
  return DECORATION.test(character);
}

/**
 * The lines that have cells. Left out are headers (`#A author`), sections other than the puzzle, and the
 * lines between boxes, whatever they are drawn with.
 *
 * @param blanks  characters that are cells.
 */
export function cellLines(text: string, blanks: string): DrawnLine[] {
  const lines = text.split(/\r?\n/).map((line, i) => ({ line: i + 1, text: line }));
  return puzzleSection(lines)
    .map(({ line, text: content }) => ({ line, text: oneField(withoutComment(content)) }))
    .filter(({ text: content }) => !isRule(content, blanks));
}

function puzzleSection(lines: readonly DrawnLine[]): readonly DrawnLine[] {
  const heads = lines.filter(({ text }) => SECTION.test(text));
  if (heads.length === 0) return lines;
  const puzzle = heads.find(({ text }) => /puzzle|grid|givens/i.test(text)) ?? heads[0]!;
  const next = heads[heads.indexOf(puzzle) + 1];
  return lines.filter(({ line }) => line > puzzle.line && line < (next?.line ?? Infinity));
}

function withoutComment(text: string): string {
  return text.replace(/(?:#|\/\/).*$/, '');
}

/** HoDoKu's library: the field of a line in colons that is a whole grid. */
function oneField(text: string): string {
  if (!/^\s*:.*:/.test(text)) return text;
  const fields = text.split(':');
  return fields.find((field) => /^[\d.]{16,}$/.test(field)) ?? text;
}

/**
 * `------+------`, `*-----*`, `.---.---.`, `|---+---|`, `═══╬═══`: no digit, and strokes beside each other.
 * Where `-` is a blank cell, a rule has a corner, too.
 */
function isRule(text: string, blanks: string): boolean {
  if (/\d/.test(text)) return false;
  const plain = text.replace(/\s/g, '');
  if (plain === '') return true;
  if (/^[\u2500-\u257F]+$/.test(plain)) return true;
  if (blanks.includes('-')) return /[+|]/.test(plain) && /^[-+|=]+$/.test(plain);
  const stroke = blanks.includes('_') ? /[-=~]{2}/ : /[-=~_]{2}/;
  return stroke.test(plain) && /^[-=~_+*|.:'`\u2500-\u257F]+$/.test(plain) && !plain.includes('..');
}
