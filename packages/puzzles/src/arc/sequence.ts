/** ARC grids as sequences of tokens on a square canvas, and back. */
import { dihedralWalk, turnsSides, type Grid } from '../grid/dihedral.ts';
import type { ArcPair } from './task-hash.ts';
import { decodeArcTransform, type ArcTransform } from './transform.ts';

/** Largest side of a grid. */
export const ARC_MAX_SIDE = 30;
export const ARC_PAD_TOKEN = 0;
/** Marks where a grid ends: the row below it and the column right of it. */
const ARC_END_TOKEN = 1;
/** Token of colour 0; colour c is token c + 2. */
export const ARC_FIRST_COLOUR_TOKEN = 2;
export const ARC_VOCAB_SIZE = 12;

const IDENTITY = decodeArcTransform(0);

/**
 * Draws a grid with its upper left corner at (row, col) of a canvas. Where they are inside, the row
 * below and the column right of it are end tokens, not their common corner.
 *
 * @param transform  how to turn and recolour the grid first, as `applyArcTransform` does.
 * @param tokens  where to draw, whatever it holds.
 * @returns [canvas × canvas] tokens
 * @reference SamsungSAILMontreal/TinyRecursiveModels@e7b6871 dataset/build_arc_dataset.py
 * `np_grid_to_seq_translational_augment`
 */
export function drawGrid(
  { rows, cols, cells }: Grid,
  canvas: number,
  at: { readonly row: number; readonly col: number } = { row: 0, col: 0 },
  { dihedral, colours }: ArcTransform = IDENTITY,
  tokens: Uint8Array = new Uint8Array(canvas * canvas),
): Uint8Array {
  tokens.fill(ARC_PAD_TOKEN);
  const [height, width] = turnsSides(dihedral) ? [cols, rows] : [rows, cols];
  const { start, down, right } = dihedralWalk(dihedral, rows, cols);
  const [endRow, endCol] = [at.row + height, at.col + width];
  for (let row = 0; row < height; row++) {
    let from = start + row * down;
    let to = (at.row + row) * canvas + at.col;
    for (const end = to + width; to < end; to++) {
      tokens[to] = colours[cells[from]!]! + ARC_FIRST_COLOUR_TOKEN;
      from = (from + right) | 0; // as in `applyDihedral`
    }
    if (endCol < canvas) tokens[to] = ARC_END_TOKEN;
  }
  if (endRow < canvas)
    tokens.fill(ARC_END_TOKEN, endRow * canvas + at.col, endRow * canvas + endCol);
  return tokens;
}

/** Rows and columns that a transformed pair can be moved by, both grids alike, without leaving the canvas. */
export function roomOf(
  { input, output }: ArcPair,
  canvas: number,
  { dihedral }: ArcTransform = IDENTITY,
): { rows: number; cols: number } {
  const rows = canvas - Math.max(input.rows, output.rows);
  const cols = canvas - Math.max(input.cols, output.cols);
  return turnsSides(dihedral) ? { rows: cols, cols: rows } : { rows, cols };
}

/**
 * The largest rectangle at the upper left corner with nothing but colours; of equal ones the first from
 * the top. Whatever a model predicted, the answer is a grid, perhaps an empty one.
 *
 * @param tokens  [… canvas × canvas …], of which the canvas at `start` is looked at.
 * @param corner  where the grid begins, if it was moved.
 * @reference SamsungSAILMontreal/TinyRecursiveModels@e7b6871 evaluators/arc.py `_crop`
 */
export function cropGrid(
  tokens: ArrayLike<number>,
  canvas: number,
  start = 0,
  corner: { readonly row: number; readonly col: number } = { row: 0, col: 0 },
): Grid {
  const offset = start + corner.row * canvas + corner.col;
  const height = canvas - corner.row;
  let width = canvas - corner.col;
  let best = { rows: 0, cols: 0 };
  for (let row = 0; row < height && width > 0; row++) {
    for (let col = 0; col < width; col++) {
      const token = tokens[offset + row * canvas + col]!;
      if (token < ARC_FIRST_COLOUR_TOKEN || token >= ARC_VOCAB_SIZE) width = col;
    }
    if ((row + 1) * width > best.rows * best.cols) best = { rows: row + 1, cols: width };
  }
  const { rows, cols } = best;
  const cells = new Uint8Array(rows * cols);
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) {
      cells[row * cols + col] = tokens[offset + row * canvas + col]! - ARC_FIRST_COLOUR_TOKEN;
    }
  }
  return { rows, cols, cells };
}
