/** A fast way to tell the versions of one task apart. */
import { applyDihedral, DIHEDRALS, type Grid } from '../grid/dihedral.ts';
import { ARC_MAX_SIDE } from './sequence.ts';
import type { ArcPair } from './task-hash.ts';
import { NUM_COLOURS, type ArcTransform } from './transform.ts';

/** Two independent hashes of 32 bits, since one would collide among some thousand versions. */
const SEEDS = [0x9e37_79b9, 0x85eb_ca6b];

/**
 * The same for two transforms exactly when they give the task the same pairs, in whatever order, as
 * `taskHash` of the transformed pairs would (but for collisions, of 53 bits).
 *
 *   grid  = mix( Σ_colours w[new colour] · Σ_cells of that colour p[row, col] + shape )
 *   task  = Σ_pairs mix( grid of the input, grid of the output )
 *
 * The inner sums depend on the dihedral transform alone, so that a version costs a few multiplications
 * for each colour of a grid rather than for each cell.
 */
export function arcFingerprints(pairs: readonly ArcPair[]): (transform: ArcTransform) => number {
  const grids = pairs.flatMap(({ input, output }) => [input, output]);
  const lanes = SEEDS.map((seed) => laneOf(grids, seed));
  return ({ dihedral, colours }) => {
    const [high, low] = lanes.map((lane) => lane(dihedral, colours)) as [number, number];
    return high * 2 ** 21 + (low >>> 11);
  };
}

type Lane = (dihedral: number, colours: Uint8Array) => number;

function laneOf(grids: readonly Grid[], seed: number): Lane {
  const positions = weights(ARC_MAX_SIDE * ARC_MAX_SIDE, seed);
  const ofColours = weights(NUM_COLOURS, ~seed);
  /** [8][grids × (colours + shape)] */
  const sums = DIHEDRALS.map((dihedral) => {
    const rows = grids.map((grid) => colourSums(applyDihedral(grid, dihedral), positions));
    return Int32Array.from(rows.flat());
  });
  const width = NUM_COLOURS + 1;
  const gridHash = (sum: Int32Array, grid: number, colours: Uint8Array): number => {
    let hash = sum[grid * width + NUM_COLOURS]!;
    for (let colour = 0; colour < NUM_COLOURS; colour++) {
      hash += Math.imul(sum[grid * width + colour]!, ofColours[colours[colour]!]!);
    }
    return mix(hash | 0);
  };
  return (dihedral, colours) => {
    const sum = sums[dihedral]!;
    let hash = 0;
    for (let grid = 0; grid < grids.length; grid += 2) {
      const input = gridHash(sum, grid, colours);
      hash += mix(Math.imul(input, 31) + gridHash(sum, grid + 1, colours));
    }
    return hash >>> 0;
  };
}

/** Sums of the weights of each colour's cells, then the shape. */
function colourSums({ rows, cols, cells }: Grid, positions: Int32Array): number[] {
  const sums = new Int32Array(NUM_COLOURS + 1);
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) {
      sums[cells[row * cols + col]!]! += positions[row * ARC_MAX_SIDE + col]!;
    }
  }
  sums[NUM_COLOURS] = mix(rows * (ARC_MAX_SIDE + 1) + cols);
  return [...sums];
}

function weights(count: number, seed: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => mix(Math.imul(i + 1, seed | 1)) | 1);
}

/** Murmur3's finaliser: every bit of the argument moves half the bits of the result. */
function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
}
