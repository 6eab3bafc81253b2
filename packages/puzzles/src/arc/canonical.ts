/** ARC pairs up to the symmetries of their tasks. */
import { applyDihedral, DIHEDRALS, type Grid } from '../grid/dihedral.ts';
import type { ArcPair } from './task-hash.ts';
import { NUM_COLOURS } from './transform.ts';

/**
 * The same for two pairs exactly when an ArcTransform maps one to the other: the smallest, over the
 * eight dihedral transforms, of the pair with its colours numbered as they appear, black staying black.
 */
export function canonicalPairKey({ input, output }: ArcPair): string {
  const keys = DIHEDRALS.map((dihedral) =>
    numberedKey([applyDihedral(input, dihedral), applyDihedral(output, dihedral)]),
  );
  return keys.reduce((smallest, key) => (key < smallest ? key : smallest));
}

function numberedKey(grids: readonly Grid[]): string {
  const numbers = new Uint8Array(NUM_COLOURS);
  let next = 1;
  const shown = grids.map(({ rows, cols, cells }) => {
    const numbered = cells.map((colour) => {
      if (colour > 0 && numbers[colour] === 0) numbers[colour] = next++;
      return numbers[colour]!;
    });
    return `${rows}x${cols}:${numbered.join('')}`;
  });
  return shown.join('|');
}
