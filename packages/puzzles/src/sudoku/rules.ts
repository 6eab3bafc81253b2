/** Sudoku of 4×4 (2×2 boxes), 6×6 (boxes of 2 rows × 3 columns) and 9×9 (3×3 boxes). */

export type SudokuSize = 4 | 6 | 9;

export const SUDOKU_SIZES: readonly SudokuSize[] = [4, 6, 9];

/** A grid: one digit a cell, row by row, 0 = blank. */
export type SudokuGrid = Uint8Array;

export interface SudokuRules {
  /** Rows, columns, boxes and digits. */
  readonly size: SudokuSize;
  readonly numCells: number;
  /** Rows of a box, which is also the rows of a band. */
  readonly boxRows: number;
  /** Columns of a box, which is also the columns of a stack. */
  readonly boxCols: number;
  readonly numBands: number;
  readonly numStacks: number;
  /** Boxes stay boxes under transposition, which holds only where they are square. */
  readonly transposable: boolean;
  /** Rows, columns and boxes, each the indices of its cells. */
  readonly units: readonly Uint8Array[];
  /** Per cell: the other cells of its row, column and box. */
  readonly peers: readonly Uint8Array[];
}

const BOX_ROWS: Record<SudokuSize, number> = { 4: 2, 6: 2, 9: 3 };

const rulesBySize = new Map(SUDOKU_SIZES.map((size) => [size, makeRules(size)]));

export function sudokuRules(size: SudokuSize): SudokuRules {
  return rulesBySize.get(size)!;
}

/** The size whose grids have so many cells. */
export function sudokuSizeOf(numCells: number): SudokuSize | undefined {
  return SUDOKU_SIZES.find((size) => size * size === numCells);
}

function makeRules(size: SudokuSize): SudokuRules {
  const boxRows = BOX_ROWS[size];
  const boxCols = size / boxRows;
  const numCells = size * size;
  const cells = Array.from({ length: numCells }, (_, cell) => cell);
  const rowOf = (cell: number) => Math.floor(cell / size);
  const colOf = (cell: number) => cell % size;
  const boxOf = (cell: number) =>
    Math.floor(rowOf(cell) / boxRows) * boxRows + Math.floor(colOf(cell) / boxCols);
  const units = [rowOf, colOf, boxOf].flatMap((unitOf) =>
    Array.from({ length: size }, (_, unit) =>
      Uint8Array.from(cells.filter((cell) => unitOf(cell) === unit)),
    ),
  );
  const peers = cells.map((cell) => {
    const shared = units.filter((unit) => unit.includes(cell)).flatMap((unit) => [...unit]);
    return Uint8Array.from([...new Set(shared)].filter((peer) => peer !== cell));
  });
  return {
    size,
    numCells,
    boxRows,
    boxCols,
    numBands: size / boxRows,
    numStacks: size / boxCols,
    transposable: boxRows === boxCols,
    units,
    peers,
  };
}

/** Every row, column and box holds every digit once. */
export function isSolution(grid: SudokuGrid, rules: SudokuRules): boolean {
  if (grid.length !== rules.numCells) return false;
  const all = 2 ** rules.size - 1;
  for (const unit of rules.units) {
    let seen = 0;
    for (let i = 0; i < unit.length; i++) {
      const digit = grid[unit[i]!]!;
      if (digit === 0 || digit > rules.size) return false;
      seen |= 1 << (digit - 1);
    }
    if (seen !== all) return false;
  }
  return true;
}

/** A solution that leaves every given of the puzzle as it is. */
export function isCompletion(grid: SudokuGrid, givens: SudokuGrid, rules: SudokuRules): boolean {
  for (let cell = 0; cell < givens.length; cell++) {
    if (givens[cell] !== 0 && givens[cell] !== grid[cell]) return false;
  }
  return isSolution(grid, rules);
}

export function countClues(grid: SudokuGrid): number {
  let clues = 0;
  for (const digit of grid) if (digit !== 0) clues += 1;
  return clues;
}

const DOT = '.'.charCodeAt(0);
const ZERO = '0'.charCodeAt(0);

/**
 * Reads a grid from one line of text: digits, with `.` or `0` for a blank.
 *
 * @returns the grid, or what is wrong with the text.
 */
export function parseSudoku(text: string, rules: SudokuRules): SudokuGrid | string {
  if (text.length !== rules.numCells) return `${text.length} characters`;
  const grid = new Uint8Array(rules.numCells);
  for (let cell = 0; cell < rules.numCells; cell++) {
    const code = text.charCodeAt(cell);
    const digit = code === DOT ? 0 : code - ZERO;
    if (!(digit >= 0 && digit <= rules.size)) {
      return `${JSON.stringify(text[cell])} at character ${cell + 1}`;
    }
    grid[cell] = digit;
  }
  return grid;
}

/** One line of text, `.` for a blank. */
export function formatSudoku(grid: SudokuGrid): string {
  let text = '';
  for (const digit of grid) text += digit === 0 ? '.' : String(digit);
  return text;
}
