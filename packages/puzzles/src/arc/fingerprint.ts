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
  const turned = DIHEDRALS.map((dihedral) => grids.map((grid) => applyDihedral(grid, dihedral)));
  const [high, low] = LANES.map((lane) => hashOf(turned, lane)) as [TaskHash, TaskHash];
  return ({ dihedral, colours }) => {
    const [first, second] = [high(dihedral, colours), low(dihedral, colours)];
    return first * 2 ** 21 + (second >>> 11);
  };
}

type TaskHash = (dihedral: number, colours: Uint8Array) => number;

/** The weights of one of the two hashes. */
interface Lane {
  readonly positions: Int32Array;
  readonly ofColours: Int32Array;
}

const LANES: readonly Lane[] = SEEDS.map((seed) => ({
  positions: weights(ARC_MAX_SIDE * ARC_MAX_SIDE, seed),
  ofColours: weights(NUM_COLOURS, ~seed),
}));

/** Numbers kept of a grid: a sum for each colour, then the shape. */
const WIDTH = NUM_COLOURS + 1;

/** @param turned  [8][grids: input and output of each pair in turn] */
function hashOf(turned: readonly (readonly Grid[])[], { positions, ofColours }: Lane): TaskHash {
  const numGrids = turned[0]!.length;
  const sums = turned.map((grids) => {
    const ofGrids = new Int32Array(numGrids * WIDTH);
    grids.forEach((grid, i) => sumColours(grid, positions, ofGrids, i * WIDTH));
    return ofGrids;
  });
  const gridHash = (sum: Int32Array, start: number, colours: Uint8Array): number => {
    let hash = sum[start + NUM_COLOURS]!;
    for (let colour = 0; colour < NUM_COLOURS; colour++) {
      hash += Math.imul(sum[start + colour]!, ofColours[colours[colour]!]!);
    }
    return mix(hash | 0);
  };
  return (dihedral, colours) => {
    const sum = sums[dihedral]!;
    let hash = 0;
    for (let start = 0; start < sum.length; start += 2 * WIDTH) {
      const input = gridHash(sum, start, colours);
      hash += mix(Math.imul(input, 31) + gridHash(sum, start + WIDTH, colours));
    }
    return hash >>> 0;
  };
}

/** Adds the weights of each colour's cells, and the shape, from `start` on. */
function sumColours(
  { rows, cols, cells }: Grid,
  positions: Int32Array,
  sums: Int32Array,
  start: number,
): void {
  let cell = 0;
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) {
      sums[start + cells[cell++]!]! += positions[row * ARC_MAX_SIDE + col]!;
    }
  }
  sums[start + NUM_COLOURS] = mix(rows * (ARC_MAX_SIDE + 1) + cols);
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
