import { drawGrid, readArcText, type Grid } from '@eddy/puzzles';
import { boundsOf, gridStyle } from '@eddy/puzzles/style';

import type { PuzzleKind } from './puzzle-kind.ts';

const SIDE = 3;

/** Returns what a page does with grids of ARC on a canvas of one size. */
export function arcKind(canvas: number): PuzzleKind {
  const side = Math.min(SIDE, canvas);
  const empty = { rows: side, cols: side, cells: new Uint8Array(side * side) };
  return {
    style: gridStyle('arc', canvas, canvas),
    howToEdit: 'Choose a colour below, then press and drag; or type a colour from 0 to 9.',
    howToPaste: `Rows of digits, a grid as JSON, or a task as JSON; at most ${canvas} × ${canvas}.`,
    blank: () => drawGrid(empty, canvas),
    read: (text) => readArcText(text, canvas),
    resizable: true,
  };
}

/** Returns the same grid with other sides: cut, or filled up with black. */
export function resized(
  tokens: Uint8Array,
  { rows, cols }: { readonly rows: number; readonly cols: number },
  canvas: number,
): Uint8Array {
  const before = gridIn(tokens, canvas);
  const cells = new Uint8Array(rows * cols);
  for (let row = 0; row < Math.min(rows, before.rows); row++) {
    for (let col = 0; col < Math.min(cols, before.cols); col++) {
      cells[row * cols + col] = before.cells[row * before.cols + col]!;
    }
  }
  return drawGrid({ rows, cols, cells }, canvas);
}

/** Returns the grid on a canvas, wherever it lies. */
function gridIn(tokens: Uint8Array, canvas: number): Grid {
  const size = { rows: canvas, cols: canvas };
  const area = boundsOf(gridStyle('arc', canvas, canvas), tokens, size);
  if (area === undefined) return { rows: 0, cols: 0, cells: new Uint8Array() };
  const { row, col, rows, cols } = area;
  const cells = Uint8Array.from({ length: rows * cols }, (_, i) => {
    const at = (row + Math.floor(i / cols)) * canvas + col + (i % cols);
    return Math.max(0, tokens[at]! - 2);
  });
  return { rows, cols, cells };
}
