import {
  drawMaze,
  isMisreading,
  markPath,
  MAZE_CHARACTERS,
  mazeOf,
  mazeProblem,
  mazeTokensOf,
  numShortestPaths,
  readMazeText,
  shortestPath,
  violationsOfMazeTokens,
} from '@eddy/puzzles';
import { gridStyle } from '@eddy/puzzles/style';

import type { PuzzleJudgement, PuzzleKind } from './puzzle-kind.ts';
import { browserDraws } from './random.ts';

const MAX_DRAWS = 5000;
const FREE = MAZE_CHARACTERS.indexOf(' ') + 1;

/** Returns what a page does with mazes of one size. */
export function mazeKind(size: number): PuzzleKind {
  return {
    style: gridStyle('maze', size, size),
    howToEdit: 'Choose what to paint below, then press and drag; or type # . S G into a cell.',
    howToPaste: `${size} lines of ${size} cells: # wall, space or . free, one S and one G.`,
    blank: () => new Uint8Array(size * size).fill(FREE),
    read: (text) => {
      const tokens = readMazeText(text, size);
      return isMisreading(tokens) ? tokens : [tokens];
    },
    generate: () => generated(size),
    judgePuzzle: judge,
    judgeAnswer: (puzzle, answer) => violationsOfMazeTokens(puzzle, answer),
  };
}

/** Mazes like those of the recipes: a path of some length, if possible the only shortest one. */
function generated(size: number): Uint8Array {
  const options = { size, minWalls: 0.2, maxWalls: 0.5, minPathCells: Math.ceil(size * 1.25) };
  for (let i = 0; i < MAX_DRAWS; i++) {
    const onePath = i < MAX_DRAWS / 2 && size <= 16;
    const drawn = drawMaze({ ...options, onePath }, browserDraws);
    if (drawn !== undefined) return mazeTokensOf(drawn.question);
  }
  return mazeTokensOf(
    drawMaze({ ...options, maxWalls: 0.2, minPathCells: 2, onePath: false }, browserDraws)!
      .question,
  );
}

function judge(puzzle: Uint8Array): PuzzleJudgement {
  const maze = mazeOf(puzzle);
  const problem = mazeProblem(maze);
  if (problem !== undefined) {
    return { tone: 'bad', text: `A maze needs one start and one goal; this one has ${problem}.` };
  }
  const path = shortestPath(maze);
  if (path === undefined)
    return { tone: 'bad', text: 'There is no path from the start to the goal.' };
  const length = `The shortest path has ${path.length} cells`;
  if (numShortestPaths(maze, 2) > 1) {
    return { tone: 'neutral', text: `${length}; there are several such paths.` };
  }
  const solution = mazeTokensOf(markPath(maze, path));
  return { tone: 'good', text: `${length}, and there is no other such path.`, solution };
}
