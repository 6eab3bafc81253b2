/** How the tokens of each task are drawn. */
import { sudokuRules, sudokuSizeOf } from '@eddy/puzzles';

export interface TokenStyle {
  /** Text of a cell; empty for none. */
  text(token: number): string;
  /** CSS class of a cell's fill; empty for none. */
  fill(token: number): string;
  /** Whether the puzzle gives this cell away. */
  isGiven(token: number): boolean;
  /** Cells between thick lines; null for none. */
  readonly box: { readonly rows: number; readonly cols: number } | null;
}

export function tokenStyle(task: string, rows: number, cols: number): TokenStyle {
  if (task === 'sudoku') return sudokuStyle(rows * cols);
  if (task === 'maze') return MAZE;
  if (task === 'arc') return ARC;
  return NUMBERS;
}

/** 0 padding, 1 blank, digit + 1. */
function sudokuStyle(numCells: number): TokenStyle {
  const size = sudokuSizeOf(numCells);
  const rules = size === undefined ? null : sudokuRules(size);
  return {
    text: (token) => (token >= 2 ? String(token - 1) : ''),
    fill: () => '',
    isGiven: (token) => token >= 2,
    box: rules === null ? null : { rows: rules.boxRows, cols: rules.boxCols },
  };
}

/** 0 padding, then the characters of a maze. */
const MAZE_CHARACTERS = ' # SGo';
const MAZE: TokenStyle = {
  text: (token) => ('SG'.includes(MAZE_CHARACTERS[token] ?? ' ') ? MAZE_CHARACTERS[token]! : ''),
  fill: (token) => ({ '#': 'wall', o: 'path' })[MAZE_CHARACTERS[token] ?? ''] ?? '',
  isGiven: () => false,
  box: null,
};

/** 0 padding, 1 end of grid, colour + 2. */
const ARC: TokenStyle = {
  text: () => '',
  fill: (token) => (token >= 2 ? `arc-${token - 2}` : 'outside'),
  isGiven: () => false,
  box: null,
};

const NUMBERS: TokenStyle = { text: String, fill: () => '', isGiven: () => false, box: null };
