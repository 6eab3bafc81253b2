/** Symmetries of ARC tasks: a dihedral transform and a permutation of the colours that keeps black. */
import { applyDihedral, inverseDihedral, type Dihedral, type Grid } from '../grid/dihedral.ts';
import { shuffle, type Draws } from '../sudoku/draws.ts';

/** Colours 0 to 9; 0 is black, the background. */
export const NUM_COLOURS = 10;

export interface ArcTransform {
  readonly dihedral: Dihedral;
  /** [10] New colour of each old one; 0 ↦ 0. */
  readonly colours: Uint8Array;
}

/**
 * A grid with its colours renamed, then turned.
 *
 * @reference SamsungSAILMontreal/TinyRecursiveModels@e7b6871 dataset/build_arc_dataset.py `aug`
 */
export function applyArcTransform(grid: Grid, { dihedral, colours }: ArcTransform): Grid {
  const turned = applyDihedral(grid, dihedral);
  const { cells } = turned;
  for (let i = 0; i < cells.length; i++) cells[i] = colours[cells[i]!]!;
  return turned;
}

/** The grid that `applyArcTransform` made this one of. */
export function undoArcTransform(grid: Grid, { dihedral, colours }: ArcTransform): Grid {
  const back = new Uint8Array(NUM_COLOURS);
  colours.forEach((to, from) => (back[to] = from));
  return applyArcTransform(grid, { dihedral: inverseDihedral(dihedral), colours: back });
}

const SAME_COLOURS = Uint8Array.from({ length: NUM_COLOURS }, (_, colour) => colour);

/** Uniform over the 8 · 9! transforms. */
export function drawArcTransform(draws: Draws): ArcTransform {
  const dihedral = draws.integer(8) as Dihedral;
  const colours = SAME_COLOURS.slice();
  shuffle(colours, 1, NUM_COLOURS, draws);
  return { dihedral, colours };
}

/**
 * A transform as an integer below 8 · 9! = 2,903,040; the identity is 0.
 *
 *   dihedral + 8 · rank of the permutation of 1…9 in lexicographic order
 */
export function encodeArcTransform({ dihedral, colours }: ArcTransform): number {
  let rank = 0;
  for (let i = 1; i < NUM_COLOURS; i++) {
    let smaller = 0; // of those that come later
    for (let j = i + 1; j < NUM_COLOURS; j++) if (colours[j]! < colours[i]!) smaller += 1;
    rank = rank * (NUM_COLOURS - i) + smaller;
  }
  return dihedral + 8 * rank;
}

export function decodeArcTransform(code: number): ArcTransform {
  const colours = new Uint8Array(NUM_COLOURS);
  let rank = Math.floor(code / 8);
  // From the last: how many of the later ones are smaller, which moves those up that are not.
  for (let i = NUM_COLOURS - 1; i > 0; i--) {
    const base = NUM_COLOURS - i;
    const colour = 1 + (rank % base);
    rank = Math.floor(rank / base);
    for (let j = i + 1; j < NUM_COLOURS; j++) if (colours[j]! >= colour) colours[j]! += 1;
    colours[i] = colour;
  }
  return { dihedral: (code % 8) as Dihedral, colours };
}

const SEPARATOR = '|||';
const VERSION = /^t([0-7])\|\|\|(0[1-9]{9})$/;

/** `<task>|||t<dihedral>|||<new colours of 0…9>`, as the reference names its versions. */
export function arcVersionName(task: string, { dihedral, colours }: ArcTransform): string {
  return `${task}${SEPARATOR}t${dihedral}${SEPARATOR}${colours.join('')}`;
}

/**
 * Task and transform of a name that `arcVersionName` made; a bare name is the task itself.
 *
 * @returns undefined for a name with a separator that tells no transform.
 * @reference SamsungSAILMontreal/TinyRecursiveModels@e7b6871 dataset/build_arc_dataset.py `inverse_aug`
 */
export function parseArcVersionName(
  name: string,
): { readonly task: string; readonly transform?: ArcTransform } | undefined {
  const separator = name.indexOf(SEPARATOR);
  if (separator === -1) return { task: name };
  const match = VERSION.exec(name.slice(separator + SEPARATOR.length));
  if (match === null) return undefined;
  const colours = Uint8Array.from(match[2]!, Number);
  if (new Set(colours).size < NUM_COLOURS) return undefined;
  const dihedral = Number(match[1]) as Dihedral;
  return { task: name.slice(0, separator), transform: { dihedral, colours } };
}
