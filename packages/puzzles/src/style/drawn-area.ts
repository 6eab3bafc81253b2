/** The part of a canvas that holds a grid: ARC's grids are smaller than the 30 × 30 tokens of a model. */
import { tokenStyle, type GridStyle } from './grid-style.ts';

/** A rectangle of cells; `row` and `col` are its upper left corner. */
export interface Area {
  readonly row: number;
  readonly col: number;
  readonly rows: number;
  readonly cols: number;
}

/**
 * Returns the smallest rectangle around every cell that belongs to a grid, or undefined where no cell does.
 *
 * @param tokens  [rows × cols]
 */
export function boundsOf(
  style: GridStyle,
  tokens: ArrayLike<number>,
  { rows, cols }: { readonly rows: number; readonly cols: number },
): Area | undefined {
  let [top, bottom, left, right] = [rows, -1, cols, -1];
  for (let cell = 0; cell < rows * cols; cell++) {
    if (tokenStyle(style, tokens[cell]!).outside === true) continue;
    const [row, col] = [Math.floor(cell / cols), cell % cols];
    [top, bottom] = [Math.min(top, row), Math.max(bottom, row)];
    [left, right] = [Math.min(left, col), Math.max(right, col)];
  }
  return bottom < 0
    ? undefined
    : { row: top, col: left, rows: bottom - top + 1, cols: right - left + 1 };
}

/**
 * Returns the largest rectangle that starts at a corner and whose cells all belong to a grid; of equal ones
 * the first from the top. It has no cells where the corner's own cell belongs to none.
 *
 * @param tokens  [rows × cols]
 */
export function gridFrom(
  style: GridStyle,
  tokens: ArrayLike<number>,
  size: { readonly rows: number; readonly cols: number },
  corner: { readonly row: number; readonly col: number } = { row: 0, col: 0 },
): Area {
  let width = size.cols - corner.col;
  let best = { rows: 0, cols: 0 };
  for (let row = 0; row < size.rows - corner.row && width > 0; row++) {
    const start = (corner.row + row) * size.cols + corner.col;
    for (let col = 0; col < width; col++) {
      if (tokenStyle(style, tokens[start + col]!).outside === true) width = col;
    }
    if ((row + 1) * width > best.rows * best.cols) best = { rows: row + 1, cols: width };
  }
  return { row: corner.row, col: corner.col, ...best };
}

/** Returns the smallest rectangle around two. */
export function around(a: Area, b: Area): Area {
  const [row, col] = [Math.min(a.row, b.row), Math.min(a.col, b.col)];
  const rows = Math.max(a.row + a.rows, b.row + b.rows) - row;
  const cols = Math.max(a.col + a.cols, b.col + b.cols) - col;
  return { row, col, rows, cols };
}
