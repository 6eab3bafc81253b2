/** Paths through mazes: four neighbours, no wall. */
import { countCells, GOAL, PATH, START, WALL, type Maze } from './maze.ts';

/**
 * The shortest path that labels of maze-30x30-hard are made of: breadth first from the start with the
 * neighbours in the order down, left, right, up; a cell belongs to who found it first; traced back
 * from the goal. A maze has many shortest paths, this rule picks one.
 *
 * @returns cells from start to goal, both included; undefined when there is no way.
 */
export function shortestPath(maze: Maze): number[] | undefined {
  return search(maze, (cell) => maze.cells[cell] !== WALL);
}

/** The maze with the cells of a path marked, start and goal as they were. */
export function markPath(maze: Maze, path: readonly number[]): Maze {
  const cells = maze.cells.slice();
  for (const cell of path) if (cells[cell] !== START && cells[cell] !== GOAL) cells[cell] = PATH;
  return { ...maze, cells };
}

export interface MazeAnswer {
  /** Walls, start and goal are those of the question. */
  readonly keepsMaze: boolean;
  /** A way from start to goal over marked cells. */
  readonly connects: boolean;
  /** All marked cells lie on that way, which takes no detour over cells beside it. */
  readonly isPath: boolean;
  /** No way through the question is shorter. */
  readonly isShortest: boolean;
}

/** Judges an answer by the question alone. */
export function judgeAnswer(question: Maze, answer: Maze): MazeAnswer {
  const keepsMaze = keepsCells(question, answer);
  const way = markedWay(question, answer);
  const isPath = keepsMaze && way !== undefined && way.length === numMarked(answer) + 2;
  return {
    keepsMaze,
    connects: way !== undefined,
    isPath,
    isShortest: isPath && way.length === shortestPath(question)?.length,
  };
}

/** `judgeAnswer(…).isPath`, without looking for a shorter way. */
export function marksPath(question: Maze, answer: Maze): boolean {
  return (
    keepsCells(question, answer) && markedWay(question, answer)?.length === numMarked(answer) + 2
  );
}

function keepsCells(question: Maze, answer: Maze): boolean {
  for (let i = 0; i < question.cells.length; i++) {
    const cell = question.cells[i]!;
    if (cell === answer.cells[i]) continue;
    if (cell === WALL || isEnd(cell) || !isOpen(answer, i)) return false;
  }
  return true;
}

function markedWay(question: Maze, answer: Maze): number[] | undefined {
  return search(
    question,
    (cell) =>
      question.cells[cell] !== WALL &&
      (answer.cells[cell] === PATH || isEnd(question.cells[cell]!)),
  );
}

function numMarked({ cells }: Maze): number {
  return countCells(cells, PATH);
}

function isEnd(kind: number): boolean {
  return kind === START || kind === GOAL;
}

function isOpen({ cells }: Maze, cell: number): boolean {
  return cells[cell] !== WALL && !isEnd(cells[cell]!);
}

function search(
  { rows, cols, cells }: Maze,
  isPassable: (cell: number) => boolean,
): number[] | undefined {
  const start = cells.indexOf(START);
  const goal = cells.indexOf(GOAL);
  if (start === -1 || goal === -1) return undefined;
  const parents = new Int32Array(rows * cols).fill(-1);
  const queue = new Int32Array(rows * cols);
  let [head, tail] = [0, 1];
  queue[0] = start;
  parents[start] = start;
  const discover = (cell: number, parent: number) => {
    if (parents[cell] !== -1 || !isPassable(cell)) return;
    parents[cell] = parent;
    queue[tail++] = cell;
  };
  while (head < tail && parents[goal] === -1) {
    const cell = queue[head++]!;
    const col = cell % cols;
    if (cell + cols < rows * cols) discover(cell + cols, cell);
    if (col > 0) discover(cell - 1, cell);
    if (col + 1 < cols) discover(cell + 1, cell);
    if (cell >= cols) discover(cell - cols, cell);
  }
  if (parents[goal] === -1) return undefined;
  const path = [goal];
  for (let cell = goal; cell !== start; cell = parents[cell]!) path.push(parents[cell]!);
  return path.reverse();
}
