/** Tables that fit the width of the terminal. */
import { plainStyle, type Style } from './style.ts';
import { padText, textWidth, wrapText } from './width.ts';

export interface TableLayout {
  /** Columns of the terminal; no limit by default. */
  readonly width?: number;
  /** Spaces before each line. */
  readonly indent?: number;
  /** Which columns hold numbers and are aligned to the right; none by default. */
  readonly isNumber?: (column: number) => boolean;
  readonly style?: Style;
}

const GAP = 2;
/** A column of words is made no narrower than this. */
const NARROWEST_WORDS = 18;
/** More rows than this make no table that is wider than high when it is turned. */
const MAX_TURNED = 6;

/**
 * Lines of a table, none wider than the terminal as long as single words and numbers fit. A table that is
 * too wide has its columns of words wrapped; else it is turned, if it has few rows, so that each becomes a
 * column; else it is cut into tables that all begin with the first column; else each row becomes a list.
 */
export function tableLines(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  { width = Infinity, indent = 0, isNumber = () => false, style = plainStyle }: TableLayout = {},
): string[] {
  const room = width - indent;
  const plain: Block = { header, rows, isNumber: header.map((_, i) => isNumber(i)) };
  const lines =
    fitted(plain, room, style) ??
    wrapped(plain, room, style) ??
    turned(plain, room, style) ??
    cut(plain, room, style) ??
    listed(plain, room, style);
  return lines.map((line) => ' '.repeat(indent) + line);
}

interface Block {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly isNumber: readonly boolean[];
}

function fitted(block: Block, room: number, style: Style): string[] | undefined {
  const widths = naturalWidths(block);
  return totalOf(widths) <= room ? drawn(block, widths, style) : undefined;
}

/** Columns of words share what is left. */
function wrapped(block: Block, room: number, style: Style): string[] | undefined {
  const natural = naturalWidths(block);
  const narrowest = natural.map((width, i) =>
    i === 0 || block.isNumber[i] ? width : Math.min(width, longestWord(block, i)),
  );
  // A column that cannot shrink much stays as it is.
  const least = natural.map((width, i) =>
    narrowest[i]! < width ? Math.min(width, Math.max(narrowest[i]!, NARROWEST_WORDS)) : width,
  );
  let spare = room - totalOf(least);
  if (spare < 0) return undefined;
  const widths = [...least];
  // The narrowest first: what it does not need is left to the others.
  const wanting = least
    .map((_, i) => i)
    .filter((i) => natural[i]! > least[i]!)
    .sort((a, b) => natural[a]! - least[a]! - (natural[b]! - least[b]!));
  wanting.forEach((i, position) => {
    const given = Math.min(
      natural[i]! - least[i]!,
      Math.floor(spare / (wanting.length - position)),
    );
    widths[i]! += given;
    spare -= given;
  });
  return drawn(block, widths, style);
}

/** Each row as a column. */
function turned(
  { header, rows, isNumber }: Block,
  room: number,
  style: Style,
): string[] | undefined {
  if (rows.length > MAX_TURNED || rows.length > header.length) return undefined;
  const [key, ...others] = header;
  const turnedBlock: Block = {
    header: [key!, ...rows.map((row) => row[0] ?? '')],
    rows: others.map((name, i) => [name, ...rows.map((row) => row[i + 1] ?? '')]),
    isNumber: [false, ...rows.map(() => isNumber.includes(true))],
  };
  return fitted(turnedBlock, room, style);
}

/** Tables below each other, each with the first column. */
function cut(block: Block, room: number, style: Style): string[] | undefined {
  const { header, rows, isNumber } = block;
  const widths = naturalWidths(block);
  const parts: number[][] = [];
  for (let column = 1; column < header.length; column++) {
    const last = parts.at(-1);
    const wider = last === undefined ? [] : [0, ...last, column].map((i) => widths[i]!);
    if (last !== undefined && totalOf(wider) <= room) last.push(column);
    else if (widths[0]! + GAP + widths[column]! <= room) parts.push([column]);
    else return undefined;
  }
  const blocks = parts.map((columns) => {
    const chosen = [0, ...columns];
    const pick = <T>(values: readonly T[]) => chosen.map((i) => values[i]!);
    const part = { header: pick(header), rows: rows.map(pick), isNumber: pick(isNumber) };
    return drawn(part, pick(widths), style);
  });
  return blocks.flatMap((lines, i) => (i === 0 ? lines : ['', ...lines]));
}

/** Each row as lines `name  value`. */
function listed({ header, rows }: Block, room: number, style: Style): string[] {
  const label = Math.max(...header.slice(1).map(textWidth));
  const lists = rows.map(([first = '', ...cells]) => [
    ...wrapText(first, room),
    ...cells.flatMap((cell, i) => {
      if (cell === '') return [];
      const name = padText(header[i + 1]!, label, 'left');
      const [line = '', ...more] = wrapText(cell, Math.max(1, room - label - 2 * GAP));
      const hang = ' '.repeat(label + 2 * GAP);
      return [`  ${style('dim', name)}  ${line}`, ...more.map((text) => hang + text)];
    }),
  ]);
  return lists.flatMap((lines, i) => (i === 0 ? lines : ['', ...lines]));
}

function drawn({ header, rows, isNumber }: Block, widths: readonly number[], style: Style) {
  const linesOf = (cells: readonly string[]): string[] => {
    const columns = widths.map((width, i) => wrapText(cells[i] ?? '', width));
    const height = Math.max(...columns.map((lines) => lines.length));
    return Array.from({ length: height }, (_, at) =>
      widths
        .map((width, i) => padText(columns[i]![at] ?? '', width, isNumber[i] ? 'right' : 'left'))
        .join(' '.repeat(GAP))
        .trimEnd(),
    );
  };
  return [...linesOf(header).map((line) => style('dim', line)), ...rows.flatMap(linesOf)];
}

function naturalWidths({ header, rows }: Block): number[] {
  return header.map((title, i) =>
    Math.max(textWidth(title), ...rows.map((row) => textWidth(row[i] ?? ''))),
  );
}

function longestWord({ header, rows }: Block, column: number): number {
  const words = [header[column]!, ...rows.map((row) => row[column] ?? '')].flatMap((cell) =>
    cell.split(' '),
  );
  return Math.max(...words.map(textWidth));
}

function totalOf(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0) + GAP * (widths.length - 1);
}
