/** Puzzles in a terminal: rows of characters, lines between boxes, marks on cells. */
import { plainStyle, type Style } from '../console/style.ts';
import { tokenStyle } from '../report/tokens.ts';

export interface PuzzleDrawing {
  /** `sudoku`, `maze`, `arc`: tells how tokens look and where boxes are. */
  readonly task: string;
  readonly rows: number;
  readonly cols: number;
  /** [rows × cols] */
  readonly tokens: ArrayLike<number>;
  /** The tokens as the dataset writes them, a character a cell. */
  readonly text?: string | undefined;
  /** Tokens of the puzzle: what it gives away is set apart. */
  readonly input?: ArrayLike<number> | undefined;
  /** The answer before this one: what changed is marked. */
  readonly previous?: ArrayLike<number> | undefined;
  /** Cells that are wrong. */
  readonly mistakes?: readonly number[] | undefined;
}

/** Lines of text. Without colours a changed cell is followed by `*`, a wrong one by `!`. */
export function drawPuzzle(drawing: PuzzleDrawing, style: Style = plainStyle): string[] {
  const { task, rows, cols } = drawing;
  const { box } = tokenStyle(task, rows, cols);
  const cells = drawnCells(drawing, style);
  const lines: string[] = [];
  for (let row = 0; row < rows; row++) {
    if (box !== null && row > 0 && row % box.rows === 0) lines.push(ruleLine(cols, box.cols));
    const line = cells.slice(row * cols, (row + 1) * cols);
    lines.push(
      ` ${line.map((cell, col) => (box !== null && col > 0 && col % box.cols === 0 ? `| ${cell}` : cell)).join('')}`.trimEnd(),
    );
  }
  return lines;
}

/** How many cells two answers differ in. */
export function countChanged(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let count = 0;
  for (let cell = 0; cell < a.length; cell++) if (a[cell] !== b[cell]) count += 1;
  return count;
}

/** Two columns each. */
function drawnCells(drawing: PuzzleDrawing, style: Style): string[] {
  const { task, rows, cols, tokens, input, previous, mistakes } = drawing;
  const look = tokenStyle(task, rows, cols);
  const characters = charactersOf(drawing);
  const wrong = new Set(mistakes);
  return characters.map((character, cell) => {
    if (wrong.has(cell))
      return style === plainStyle ? `${character}!` : `${style('red', character)} `;
    if (previous !== undefined && previous[cell] !== tokens[cell]) {
      return style === plainStyle ? `${character}*` : `${style(['bold', 'yellow'], character)} `;
    }
    if (input === undefined) return `${character} `;
    return `${look.isGiven(input[cell]!) ? style('bold', character) : style('cyan', character)} `;
  });
}

function charactersOf({ task, rows, cols, tokens, text }: PuzzleDrawing): string[] {
  const written = text === undefined ? [] : [...text.replaceAll(/\r?\n/g, '')];
  if (written.length === rows * cols) return written;
  const look = tokenStyle(task, rows, cols);
  return Array.from({ length: rows * cols }, (_, cell) => {
    const token = tokens[cell]!;
    return look.text(token) || (token < 36 ? token.toString(36) : '?');
  });
}

function ruleLine(cols: number, boxCols: number): string {
  const part = '-'.repeat(2 * boxCols);
  return Array.from({ length: cols / boxCols }, (_, i) => (i === 0 ? `-${part}` : `${part}-`)).join(
    '+',
  );
}
