/** A line of a file with a caret under the character that a message is about. */

const MAX_SHOWN = 100;

/**
 * Returns two lines of text: line `line` of `lines` and a caret under column `column`, both from 1. Long lines are
 * cut around the caret; tabs and characters that cannot be seen are shown as signs of one column.
 */
export function excerptOf(text: string, line: number, column: number): string {
  const source = lineAt(text, line);
  const from = Math.max(0, Math.min(column - 1, source.length) - MAX_SHOWN / 2);
  const to = Math.min(source.length, from + MAX_SHOWN);
  const before = visible(source.slice(from, Math.max(from, column - 1)));
  const shown = visible(source.slice(from, to));
  const [head, tail] = [from > 0 ? '…' : '', to < source.length ? '…' : ''];
  const number = String(line);
  const margin = ' '.repeat(number.length);
  const caret = ' '.repeat(head.length + [...before].length);
  return `  ${number} | ${head}${shown}${tail}\n  ${margin} | ${caret}^`;
}

function lineAt(text: string, line: number): string {
  let start = 0;
  for (let i = 1; i < line; i++) {
    const end = text.indexOf('\n', start);
    if (end === -1) return '';
    start = end + 1;
  }
  const end = text.indexOf('\n', start);
  return text.slice(start, end === -1 ? undefined : end).replace(/\r$/, '');
}

/** One sign for each character: `→` a tab, `·` a space that is none, `�` what has no shape. */
function visible(text: string): string {
  return text
    .replaceAll('\t', '→')
    .replace(/[\u00a0\u1680\u2000-\u200f\u2028-\u202f\u205f\u3000\ufeff]/g, '·')
    .replace(/[\p{Cc}\p{Cs}]/gu, '�');
}
