/** Mazes: a grid of walls and free cells, a start, a goal; the answer marks a path between them. */
import { applyDihedral, DIHEDRALS, type Grid } from '../grid/dihedral.ts';
import { bytesOf, charactersOf } from '../grid/text.ts';

/** Cells of a maze, and in this order the characters of its text. */
export const WALL = 0;
export const FREE = 1;
export const START = 2;
export const GOAL = 3;
export const PATH = 4;

export const MAZE_CHARACTERS = '# SGo';

const NO_KIND = 255;

/** Character code → cell; a look-up takes a fraction of the time of `indexOf`. */
const KINDS = new Uint8Array(256).fill(NO_KIND);
for (let kind = 0; kind < MAZE_CHARACTERS.length; kind++) {
  KINDS[MAZE_CHARACTERS.charCodeAt(kind)] = kind;
}

/** A maze, or its answer, where cells of the path are `PATH`; start and goal stay as they are. */
export type Maze = Grid;

/**
 * Reads a square maze row by row from one line of text.
 *
 * @param text  characters, or their bytes in UTF-8.
 * @param into  where to write the cells, if there are as many.
 * @returns the maze, or what is wrong with the text.
 */
export function parseMaze(text: string | Uint8Array, into?: Uint8Array): Maze | string {
  const codes = bytesOf(text);
  const side = Math.sqrt(codes.length);
  if (side === 0 || !Number.isInteger(side)) {
    return `${charactersOf(text).length} characters, not a square`;
  }
  const cells = into?.length === codes.length ? into : new Uint8Array(codes.length);
  for (let cell = 0; cell < codes.length; cell++) {
    const kind = KINDS[codes[cell]!]!;
    if (kind === NO_KIND) {
      return `${JSON.stringify(charactersOf(text)[cell])} at character ${cell + 1}`;
    }
    cells[cell] = kind;
  }
  return { rows: side, cols: side, cells };
}

export function formatMaze({ cells }: Maze): string {
  let text = '';
  for (const cell of cells) text += MAZE_CHARACTERS[cell]!;
  return text;
}

/** What a maze must be before it has answers; the problem, or undefined. */
export function mazeProblem({ cells }: Maze): string | undefined {
  let [starts, goals, paths] = [0, 0, 0];
  for (let i = 0; i < cells.length; i++) {
    const kind = cells[i]!;
    if (kind <= FREE) continue;
    if (kind === START) starts += 1;
    else if (kind === GOAL) goals += 1;
    else paths += 1;
  }
  if (paths > 0) return 'a path in the question';
  if (starts !== 1) return `${starts} cells S`;
  if (goals !== 1) return `${goals} cells G`;
  return undefined;
}

export function countCells(cells: Uint8Array, kind: number): number {
  let count = 0;
  for (let i = 0; i < cells.length; i++) if (cells[i] === kind) count += 1;
  return count;
}

/** The least text of the eight turned and mirrored mazes: the same exactly for those. */
export function canonicalMaze(maze: Maze): string {
  const texts = DIHEDRALS.map((transform) => {
    const turned = applyDihedral(maze, transform);
    return `${turned.cols} ${formatMaze(turned)}`;
  });
  return texts.reduce((least, text) => (text < least ? text : least));
}
