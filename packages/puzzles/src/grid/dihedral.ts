/** The eight symmetries of a square, applied to rectangular grids of bytes. */

/** A grid row by row. */
export interface Grid {
  readonly rows: number;
  readonly cols: number;
  /** [rows × cols] */
  readonly cells: Uint8Array;
}

/**
 * 0 identity, 1 quarter turn counter-clockwise, 2 half turn, 3 three quarters, 4 left–right mirror,
 * 5 up–down mirror, 6 transposition, 7 anti-transposition (left–right mirror of a quarter turn).
 *
 * @reference SamsungSAILMontreal/TinyRecursiveModels@e7b6871 dataset/common.py `dihedral_transform`
 */
export type Dihedral = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;

export const DIHEDRALS: readonly Dihedral[] = [0, 1, 2, 3, 4, 5, 6, 7];

/** `INVERSES[t]` undoes t. */
const INVERSES: readonly Dihedral[] = [0, 3, 2, 1, 4, 5, 6, 7];

export function inverseDihedral(transform: Dihedral): Dihedral {
  return INVERSES[transform]!;
}

/** Whether a transform swaps the numbers of rows and columns. */
export function turnsSides(transform: Dihedral): boolean {
  return transform === 1 || transform === 3 || transform >= 6;
}

/** The grid turned or mirrored; a new array also for the identity. */
export function applyDihedral({ rows, cols, cells }: Grid, transform: Dihedral): Grid {
  const [height, width] = turnsSides(transform) ? [cols, rows] : [rows, cols];
  const from = SOURCES[transform];
  const moved = new Uint8Array(cells.length);
  for (let row = 0; row < height; row++) {
    for (let col = 0; col < width; col++) {
      moved[row * width + col] = cells[from(row, col, rows, cols)]!;
    }
  }
  return { rows: height, cols: width, cells: moved };
}

type Source = (row: number, col: number, rows: number, cols: number) => number;

/** Where in the old grid (rows × cols) the cell (row, col) of the new one lies. */
const SOURCES: Readonly<Record<Dihedral, Source>> = {
  0: (row, col, _rows, cols) => row * cols + col,
  1: (row, col, _rows, cols) => col * cols + (cols - 1 - row),
  2: (row, col, rows, cols) => (rows - 1 - row) * cols + (cols - 1 - col),
  3: (row, col, rows, cols) => (rows - 1 - col) * cols + row,
  4: (row, col, _rows, cols) => row * cols + (cols - 1 - col),
  5: (row, col, rows, cols) => (rows - 1 - row) * cols + col,
  6: (row, col, _rows, cols) => col * cols + row,
  7: (row, col, rows, cols) => (rows - 1 - col) * cols + (cols - 1 - row),
};
