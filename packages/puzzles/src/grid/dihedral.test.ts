import { describe, expect, test } from 'vitest';

import { applyDihedral, DIHEDRALS, inverseDihedral, type Grid } from './dihedral.ts';

/** 1 2 3 / 4 5 6 */
const grid: Grid = { rows: 2, cols: 3, cells: Uint8Array.of(1, 2, 3, 4, 5, 6) };

function rowsOf({ rows, cols, cells }: Grid): number[][] {
  return Array.from({ length: rows }, (_, row) => [
    ...cells.subarray(row * cols, (row + 1) * cols),
  ]);
}

describe('dihedral symmetries', () => {
  /** From numpy: rot90 with k = 0…3, fliplr, flipud, .T, fliplr(rot90). */
  const expected = [
    [[1, 2, 3], [4, 5, 6]], // prettier-ignore
    [[3, 6], [2, 5], [1, 4]], // prettier-ignore
    [[6, 5, 4], [3, 2, 1]], // prettier-ignore
    [[4, 1], [5, 2], [6, 3]], // prettier-ignore
    [[3, 2, 1], [6, 5, 4]], // prettier-ignore
    [[4, 5, 6], [1, 2, 3]], // prettier-ignore
    [[1, 4], [2, 5], [3, 6]], // prettier-ignore
    [[6, 3], [5, 2], [4, 1]], // prettier-ignore
  ];

  test.each(DIHEDRALS)('transform %i moves cells as numpy does', (transform) => {
    expect(rowsOf(applyDihedral(grid, transform))).toEqual(expected[transform]);
  });

  test.each(DIHEDRALS)('the inverse of transform %i brings the grid back', (transform) => {
    const back = applyDihedral(applyDihedral(grid, transform), inverseDihedral(transform));
    expect(rowsOf(back)).toEqual(rowsOf(grid));
  });
});
