import type { Maze } from '@eddy/puzzles';

/** A maze with its answer. */
export interface MazeRow {
  readonly question: Maze;
  readonly answer: Maze;
  /** Cells on the shortest path, start and goal among them. */
  readonly rating: number;
}
