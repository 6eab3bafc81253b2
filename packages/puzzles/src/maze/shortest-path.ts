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
  const parents = new Int32Array(maze.cells.length);
  for (let i = 0; i < parents.length; i++) parents[i] = maze.cells[i] === WALL ? CLOSED : UNSEEN;
  return search(maze, parents);
}

/** How many shortest ways lead from start to goal; `most` stands for that many or more. */
export function numShortestPaths({ rows, cols, cells }: Maze, most: number): number {
  const start = cells.indexOf(START);
  const goal = cells.indexOf(GOAL);
  if (start === -1 || goal === -1) return 0;
  const ways = new Float64Array(cells.length);
  const steps = new Int32Array(cells.length).fill(UNSEEN);
  const queue = [start];
  [ways[start], steps[start]] = [1, 0];
  const lead = (from: number, to: number): void => {
    if (cells[to] === WALL) return;
    if (steps[to] === UNSEEN) {
      steps[to] = steps[from]! + 1;
      queue.push(to);
    }
    if (steps[to] === steps[from]! + 1) ways[to] = Math.min(most, ways[to]! + ways[from]!);
  };
  // Breadth first: when the goal's turn comes, all that lead to it have had theirs.
  for (const cell of queue) {
    if (cell === goal) break;
    const col = cell % cols;
    if (cell + cols < rows * cols) lead(cell, cell + cols);
    if (col > 0) lead(cell, cell - 1);
    if (col + 1 < cols) lead(cell, cell + 1);
    if (cell >= cols) lead(cell, cell - cols);
  }
  return ways[goal]!;
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

/** `judgeAnswer(…).isPath` of a question with one start and one goal, in a tenth of the time. */
export function marksPath(question: Maze, answer: Maze): boolean {
  return keepsCells(question, answer) && stepsWithoutChoice(answer) === numMarked(answer) + 1;
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
  const parents = new Int32Array(question.cells.length);
  for (let i = 0; i < parents.length; i++) {
    const kind = question.cells[i]!;
    const open = isEnd(kind) || (answer.cells[i] === PATH && kind !== WALL);
    parents[i] = open ? UNSEEN : CLOSED;
  }
  return search(question, parents);
}

/**
 * Steps from start to goal over marked cells, if each leads to one other: a path without detours over cells
 * beside it is just that. −1 where there is a choice, or none. (Nothing is entered twice: that cell would have
 * had a choice.)
 */
function stepsWithoutChoice({ rows, cols, cells }: Maze): number {
  const goal = cells.indexOf(GOAL);
  const lastRow = rows * cols - cols;
  let cell = cells.indexOf(START);
  let [before, steps] = [-1, 0];
  if (cell === -1 || goal === -1) return -1;
  while (cell !== goal) {
    const col = cell % cols;
    const up = cell >= cols && isMarked(cells, cell - cols, before);
    const down = cell < lastRow && isMarked(cells, cell + cols, before);
    const left = col > 0 && isMarked(cells, cell - 1, before);
    const right = col + 1 < cols && isMarked(cells, cell + 1, before);
    if (Number(up) + Number(down) + Number(left) + Number(right) !== 1) return -1;
    before = cell;
    if (up) cell -= cols;
    else if (down) cell += cols;
    else cell += left ? -1 : 1;
    steps += 1;
  }
  return steps;
}

/** Start and goal count as marked. */
function isMarked(cells: Uint8Array, cell: number, before: number): boolean {
  return cell !== before && cells[cell]! >= START;
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

/** What stands for the parent of a cell that cannot be entered, or was not yet. */
const CLOSED = -2;
const UNSEEN = -1;

/** @param parents  of each cell `CLOSED` or `UNSEEN`; written over. */
function search({ rows, cols, cells }: Maze, parents: Int32Array): number[] | undefined {
  const start = cells.indexOf(START);
  const goal = cells.indexOf(GOAL);
  if (start === -1 || goal === -1) return undefined;
  const queue = new Int32Array(rows * cols);
  const lastRow = rows * cols - cols;
  let [head, tail] = [0, 1];
  queue[0] = start;
  parents[start] = start;
  while (head < tail && parents[goal] === UNSEEN) {
    const cell = queue[head++]!;
    const col = cell % cols;
    if (cell < lastRow && parents[cell + cols] === UNSEEN) {
      parents[cell + cols] = cell;
      queue[tail++] = cell + cols;
    }
    if (col > 0 && parents[cell - 1] === UNSEEN) {
      parents[cell - 1] = cell;
      queue[tail++] = cell - 1;
    }
    if (col + 1 < cols && parents[cell + 1] === UNSEEN) {
      parents[cell + 1] = cell;
      queue[tail++] = cell + 1;
    }
    if (cell >= cols && parents[cell - cols] === UNSEEN) {
      parents[cell - cols] = cell;
      queue[tail++] = cell - cols;
    }
  }
  if (parents[goal]! < 0) return undefined;
  const path = [goal];
  for (let cell = goal; cell !== start; cell = parents[cell]!) path.push(parents[cell]!);
  return path.reverse();
}
