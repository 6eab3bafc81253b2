/** Sudoku of 4×4 (2×2 boxes), 6×6 (boxes of 2 rows × 3 columns) and 9×9 (3×3 boxes). */
import { bytesOf, charactersOf } from '../grid/text.ts';

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
  const { size, numCells, boxRows, boxCols, numStacks } = rules;
  if (grid.length !== numCells) return false;
  // A bit a digit; a grid of the right length has them all in a unit only if each is there once.
  const all = 2 ** (size + 1) - 2;
  seen.fill(0);
  for (let row = 0, cell = 0; row < size; row++) {
    const firstBox = 2 * size + Math.floor(row / boxRows) * numStacks;
    for (let stack = 0, col = 0; stack < numStacks; stack++) {
      for (let i = 0; i < boxCols; i++, col++, cell++) {
        const digit = grid[cell]!;
        if (digit > size) return false;
        const bit = 1 << digit;
        seen[row]! |= bit;
        seen[size + col]! |= bit;
        seen[firstBox + stack]! |= bit;
      }
    }
  }
  for (let unit = 0; unit < 3 * size; unit++) if (seen[unit] !== all) return false;
  return true;
}

/** Digits of each row, column and box of the grid that is looked at. */
const seen = new Uint16Array(3 * Math.max(...SUDOKU_SIZES));

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

const NO_DIGIT = 255;

/** Character code → digit, 255 where it is none. */
export const DIGITS = new Uint8Array(256).fill(NO_DIGIT);
DIGITS['.'.charCodeAt(0)] = 0;
for (let digit = 0; digit <= 9; digit++) DIGITS[String(digit).charCodeAt(0)] = digit;

/**
 * Reads a grid from one line of text: digits, with `.` or `0` for a blank.
 *
 * @param text  characters, or their bytes in UTF-8.
 * @param grid  where to write it.
 * @returns the grid, or what is wrong with the text.
 */
export function parseSudoku(
  text: string | Uint8Array,
  { size, numCells }: SudokuRules,
  grid: SudokuGrid = new Uint8Array(numCells),
): SudokuGrid | string {
  const codes = bytesOf(text);
  if (codes.length !== numCells) return `${charactersOf(text).length} characters`;
  for (let cell = 0; cell < numCells; cell++) {
    const digit = DIGITS[codes[cell]!]!;
    if (digit > size) {
      return `${JSON.stringify(charactersOf(text)[cell])} at character ${cell + 1}`;
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
