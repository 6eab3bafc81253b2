/** How wide the terminal is, and texts in it. */
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/** Narrower than this nothing can be laid out; the terminal wraps it. */
const NARROWEST = 20;

/**
 * Columns to write into: what the variable `COLUMNS` says, else the width of the terminal; no limit where
 * the stream is none, so that programs get whole lines.
 */
export function widthOf(
  stream: NodeJS.WritableStream = process.stdout,
  env: NodeJS.ProcessEnv = process.env,
): number {
  const { isTTY, columns } = stream as Partial<NodeJS.WriteStream>;
  const asked = Number(env['COLUMNS']);
  if (Number.isInteger(asked) && asked > 0) return Math.max(NARROWEST, asked);
  return isTTY === true && columns !== undefined && columns > 0
    ? Math.max(NARROWEST, columns)
    : Infinity;
}

/** Columns that a text takes: two for each East Asian wide character, none for escape codes. */
export function textWidth(text: string): number {
  return stringWidth(text);
}

/** A text padded with spaces to a width. */
export function padText(text: string, width: number, side: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, width - textWidth(text)));
  return side === 'left' ? text + space : space + text;
}

/**
 * Lines of a text, broken between words; a word that is wider than the line, such as a path, stays whole,
 * so that it can be copied.
 *
 * @param hang  columns by which the lines after the first are indented
 */
export function wrapText(text: string, width: number, hang = 0): string[] {
  if (textWidth(text) <= width) return [text];
  const indent = /^ */.exec(text)![0];
  const room = Math.max(1, width - Math.max(indent.length, hang));
  const [first = '', ...rest] = wrapAnsi(text.slice(indent.length), room, { trim: true }).split(
    '\n',
  );
  return [indent + first, ...rest.map((line) => ' '.repeat(hang) + line)];
}
