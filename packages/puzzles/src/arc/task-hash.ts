/** Hashes that tell grids and tasks apart. */
import { createHash } from 'node:crypto';

import type { Grid } from '../grid/dihedral.ts';

export interface ArcPair {
  readonly input: Grid;
  readonly output: Grid;
}

/**
 *   sha256( rows as a byte, columns as a byte, cells row by row )
 *
 * @reference SamsungSAILMontreal/TinyRecursiveModels@e7b6871 dataset/build_arc_dataset.py `grid_hash`
 */
export function gridHash({ rows, cols, cells }: Grid): string {
  const bytes = new Uint8Array(2 + cells.length);
  bytes[0] = rows;
  bytes[1] = cols;
  bytes.set(cells, 2);
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * The same for two tasks exactly when they have the same pairs, in whatever order.
 *
 *   sha256 of the pairs' "hash of the input|hash of the output", sorted, joined by "|"
 *
 * @reference SamsungSAILMontreal/TinyRecursiveModels@e7b6871 dataset/build_arc_dataset.py `puzzle_hash`
 */
export function taskHash(pairs: readonly ArcPair[]): string {
  const hashes = pairs.map(({ input, output }) => `${gridHash(input)}|${gridHash(output)}`);
  return createHash('sha256').update(hashes.sort().join('|')).digest('hex');
}
