/** Random mazes like those of maze-30x30-hard. */
import type { Draws } from '../sudoku/draws.ts';
import { FREE, GOAL, START, WALL, type Maze } from './maze.ts';
import { markPath, numShortestPaths, shortestPath } from './shortest-path.ts';

export interface MazeOptions {
  /** Rows and columns. */
  readonly size: number;
  /** Range of the part of cells that are walls. */
  readonly minWalls: number;
  readonly maxWalls: number;
  /** Least number of cells on the shortest path, start and goal among them. */
  readonly minPathCells: number;
  /** Only mazes with a single shortest path, which needs no rule to be told from others. */
  readonly onePath: boolean;
}

export interface MazePuzzle {
  readonly question: Maze;
  readonly answer: Maze;
  /** Cells on the shortest path, start and goal among them: the difficulty. */
  readonly pathCells: number;
}

/**
 * One draw: the number of walls uniform in its range, then walls at random cells, start and goal at
 * random free ones. There is one pair of start and goal a maze: with several the lengths of paths are
 * distributed otherwise than in maze-30x30-hard.
 *
 * @returns undefined when there is no path, too short a one, or with `onePath` more than one.
 * @source Lehnert et al. 2024, "Beyond A*" (Searchformer), arXiv:2402.14083, maze navigation tasks
 */
export function drawMaze(options: MazeOptions, random: Draws): MazePuzzle | undefined {
  const { size } = options;
  const numCells = size * size;
  const least = Math.ceil(options.minWalls * numCells);
  const most = Math.max(least, Math.floor(options.maxWalls * numCells));
  // Start and goal need a cell each.
  const walls = Math.min(numCells - 2, least + random.integer(most - least + 1));
  const drawn = drawCells(numCells, walls + 2, random);
  const cells = new Uint8Array(numCells).fill(FREE);
  for (const cell of drawn.subarray(2)) cells[cell] = WALL;
  cells[drawn[0]!] = START;
  cells[drawn[1]!] = GOAL;
  const question: Maze = { rows: size, cols: size, cells };
  const path = shortestPath(question);
  if (path === undefined || path.length < options.minPathCells) return undefined;
  if (options.onePath && numShortestPaths(question, 2) > 1) return undefined;
  return { question, answer: markPath(question, path), pathCells: path.length };
}

/** `count` different cells in random order (the beginning of a Fisher–Yates shuffle). */
function drawCells(numCells: number, count: number, random: Draws): Uint16Array {
  const cells = Uint16Array.from({ length: numCells }, (_, cell) => cell);
  for (let i = 0; i < count; i++) {
    const j = i + random.integer(numCells - i);
    const swapped = cells[i]!;
    cells[i] = cells[j]!;
    cells[j] = swapped;
  }
  return cells.subarray(0, count);
}
