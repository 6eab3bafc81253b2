/** Puzzles in a terminal: rows of characters, lines between boxes, marks on cells. */
import { gridStyle, tokenStyle, type GridStyle } from '@eddy/puzzles/style';

import { plainStyle, type Style } from '../console/style.ts';

export interface PuzzleDrawing {
  /** `sudoku`, `maze`, `arc`: tells how tokens look and where boxes are. */
  readonly task: string;
  readonly rows: number;
  readonly cols: number;
  /** How the dataset wants its tokens drawn, where it says so. */
  readonly gridStyle?: GridStyle | undefined;
  /** [rows × cols] */
  readonly tokens: Uint8Array;
  /**
   * As the dataset writes tokens: a character a cell of the whole grid, or the lines of a smaller one in
   * its upper left corner.
   */
  readonly format?: ((tokens: Uint8Array) => string) | undefined;
  /** Tokens of the puzzle: what it gives away is set apart. */
  readonly input?: Uint8Array | undefined;
  /** The answer before this one: what changed is marked. */
  readonly previous?: Uint8Array | undefined;
  /** Cells that are wrong. */
  readonly mistakes?: readonly number[] | undefined;
}

/** Lines of text. Without colours a changed cell is followed by `*`, a wrong one by `!`. */
export function drawPuzzle(drawing: PuzzleDrawing, style: Style = plainStyle): string[] {
  const { rows, cols } = drawing;
  const { box } = styleOf(drawing);
  const cells = drawnCells(drawing, style);
  const lines: string[] = [];
  for (let row = 0; row < rows; row++) {
    if (box !== undefined && row > 0 && row % box.rows === 0) lines.push(ruleLine(cols, box.cols));
    const line = cells.slice(row * cols, (row + 1) * cols);
    if (line.every((cell) => cell === '')) continue;
    lines.push(
      ` ${line.map((cell, col) => (box !== undefined && col > 0 && col % box.cols === 0 ? `| ${cell}` : cell)).join('')}`.trimEnd(),
    );
  }
  return lines.length > 0 ? lines : [' (no cells)'];
}

/** How many cells two answers differ in, as they are drawn: what lies outside of a smaller grid is no answer. */
export function countChanged(
  drawing: Omit<PuzzleDrawing, 'tokens'>,
  before: Uint8Array,
  after: Uint8Array,
): number {
  const [old, now] = [before, after].map((tokens) => charactersOf({ ...drawing, tokens }));
  return now!.filter((character, cell) => character !== old![cell]).length;
}

/** Two columns each. */
function drawnCells(drawing: PuzzleDrawing, style: Style): string[] {
  const { input, previous, mistakes } = drawing;
  const look = styleOf(drawing);
  const before = previous && charactersOf({ ...drawing, tokens: previous });
  const wrong = new Set(mistakes);
  return charactersOf(drawing).map((character, cell) => {
    if (character === '') return '';
    if (wrong.has(cell))
      return style === plainStyle ? `${character}!` : `${style('red', character)} `;
    if (before !== undefined && before[cell] !== character) {
      return style === plainStyle ? `${character}*` : `${style(['bold', 'yellow'], character)} `;
    }
    if (input === undefined) return `${character} `;
    return `${tokenStyle(look, input[cell]!).given === true ? style('bold', character) : style('cyan', character)} `;
  });
}

/** Of each cell; nothing outside of a smaller grid. */
function charactersOf(drawing: PuzzleDrawing): string[] {
  const { rows, cols, tokens, format } = drawing;
  if (format !== undefined) {
    const written = format(tokens).split(/\r?\n/);
    const all = [...written.join('')];
    if (all.length === rows * cols) return all;
    return Array.from(
      { length: rows * cols },
      (_, cell) => written[Math.floor(cell / cols)]?.[cell % cols] ?? '',
    );
  }
  const look = styleOf(drawing);
  return Array.from({ length: rows * cols }, (_, cell) => {
    const token = tokens[cell]!;
    const { text = '' } = look.tokens[token] ?? {};
    return [...text].length === 1 ? text : token < 36 ? token.toString(36) : '?';
  });
}

function ruleLine(cols: number, boxCols: number): string {
  const part = '-'.repeat(2 * boxCols);
  return Array.from({ length: cols / boxCols }, (_, i) => (i === 0 ? `-${part}` : `${part}-`)).join(
    '+',
  );
}

function styleOf({ task, rows, cols, gridStyle: own }: Omit<PuzzleDrawing, 'tokens'>): GridStyle {
  return own ?? gridStyle(task, rows, cols);
}
