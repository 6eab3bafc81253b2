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

/**
 * The grid turned or mirrored; a new array also for the identity.
 *
 * @param moved  where to write the cells.
 */
export function applyDihedral(
  { rows, cols, cells }: Grid,
  transform: Dihedral,
  moved: Uint8Array = new Uint8Array(cells.length),
): Grid {
  const [height, width] = turnsSides(transform) ? [cols, rows] : [rows, cols];
  const { start, down, right } = dihedralWalk(transform, rows, cols);
  let to = 0;
  for (let row = 0; row < height; row++) {
    let from = start + row * down;
    for (const end = to + width; to < end; to++) {
      moved[to] = cells[from]!;
      from = (from + right) | 0; // as 32 bits: the check for more takes as long as the copying
    }
  }
  return { rows: height, cols: width, cells: moved };
}

/** How to walk through the old cells while the new ones are written row by row. */
export interface DihedralWalk {
  /** Where the new upper left corner was. */
  readonly start: number;
  /** Steps through the old cells for one row down and one column right in the new grid. */
  readonly down: number;
  readonly right: number;
}

/** @param rows  of the old grid, as `cols`. */
export function dihedralWalk(transform: Dihedral, rows: number, cols: number): DihedralWalk {
  const lastRow = (rows - 1) * cols;
  const lastCol = cols - 1;
  switch (transform) {
    case 0:
      return { start: 0, down: cols, right: 1 };
    case 1:
      return { start: lastCol, down: -1, right: cols };
    case 2:
      return { start: lastRow + lastCol, down: -cols, right: -1 };
    case 3:
      return { start: lastRow, down: 1, right: -cols };
    case 4:
      return { start: lastCol, down: cols, right: -1 };
    case 5:
      return { start: lastRow, down: -cols, right: 1 };
    case 6:
      return { start: 0, down: 1, right: cols };
    case 7:
      return { start: lastRow + lastCol, down: -1, right: -cols };
  }
}
