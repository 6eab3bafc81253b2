import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { describe, expect, it } from 'vitest';

import { applyDihedral, DIHEDRALS } from '../grid/dihedral.ts';
import { testDraws } from '../testing/test-draws.ts';
import { drawMaze, type MazePuzzle } from './generate.ts';
import {
  canonicalMaze,
  formatMaze,
  FREE,
  mazeProblem,
  parseMaze,
  PATH,
  WALL,
  type Maze,
} from './maze.ts';
import {
  judgeAnswer,
  markPath,
  marksPath,
  numShortestPaths,
  shortestPath,
} from './shortest-path.ts';

const maze = (...rows: readonly string[]) => parseMaze(rows.join('')) as Maze;
const OPEN = maze('S   ', ' ## ', ' ## ', '   G');

describe('text', () => {
  it('is read and written, leading spaces too', () => {
    const text = '  # S# G   o#   ';
    const read = parseMaze(text) as Maze;
    expect([read.rows, read.cols]).toEqual([4, 4]);
    expect(formatMaze(read)).toBe(text);
  });

  it('says what is wrong', () => {
    expect(parseMaze('# S')).toBe('3 characters, not a square');
    expect(parseMaze('')).toBe('0 characters, not a square');
    expect(parseMaze('# .#')).toBe('"." at character 3');
    expect(mazeProblem(maze('S ', ' G'))).toBeUndefined();
    expect(mazeProblem(maze('S ', '  '))).toBe('0 cells G');
    expect(mazeProblem(maze('SS', ' G'))).toBe('2 cells S');
    expect(mazeProblem(maze('So', ' G'))).toBe('a path in the question');
  });
});

describe('shortestPath', () => {
  it('goes down before it goes right', () => {
    const path = shortestPath(OPEN)!;
    expect(path).toEqual([0, 4, 8, 12, 13, 14, 15]);
    expect(formatMaze(markPath(OPEN, path))).toBe('S   o## o## oooG');
  });

  it('finds none through walls', () => {
    expect(shortestPath(maze('S# ', '## ', '  G'))).toBeUndefined();
    // Not around the edge from one row to the next.
    expect(shortestPath(maze('  S', 'G# ', '###'))).toHaveLength(4);
    expect(shortestPath(maze('# S', 'G##', '###'))).toBeUndefined();
  });
});

describe('numShortestPaths', () => {
  it('counts ways, of the shortest length only', () => {
    expect(numShortestPaths(OPEN, 9)).toBe(2);
    expect(numShortestPaths(maze('S   ', ' ## ', '  # ', '   G'), 9)).toBe(3);
    expect(numShortestPaths(maze('S # ', ' #  ', '    ', '  #G'), 9)).toBe(1);
    // Of k steps down and k to the right, any order: the binomial coefficient (8 over 4).
    const free = maze('S    ', '     ', '     ', '     ', '    G');
    expect(numShortestPaths(free, 100)).toBe(70);
    expect(numShortestPaths(free, 2)).toBe(2);
  });

  it('is zero where there is no way', () => {
    expect(numShortestPaths(maze('S# ', '## ', '  G'), 9)).toBe(0);
    expect(numShortestPaths(maze('   ', '   ', '  G'), 9)).toBe(0);
  });
});

describe('judgeAnswer', () => {
  const judged = (...rows: readonly string[]) => {
    const answer = judgeAnswer(OPEN, maze(...rows));
    expect(marksPath(OPEN, maze(...rows))).toBe(answer.isPath);
    return answer;
  };

  it('takes any shortest path', () => {
    const right = { keepsMaze: true, connects: true, isPath: true, isShortest: true };
    expect(judged('S   ', 'o## ', 'o## ', 'oooG')).toEqual(right);
    expect(judged('Sooo', ' ##o', ' ##o', '   G')).toEqual(right);
  });

  it('tells what is wrong', () => {
    expect(judged('S   ', 'o## ', 'o## ', 'o oG')).toMatchObject({ connects: false });
    expect(judged('So  ', 'o## ', 'o## ', 'oooG')).toMatchObject({ connects: true, isPath: false });
    expect(judged('S   ', 'oo# ', 'o## ', 'oooG')).toMatchObject({
      keepsMaze: false,
      isPath: false,
    });
    expect(judged('    ', 'o## ', 'o## ', 'oooG')).toMatchObject({ keepsMaze: false });
    const detour = maze('S  ', '   ', 'G  ');
    expect(judgeAnswer(detour, maze('Soo', '  o', 'Goo'))).toEqual({
      keepsMaze: true,
      connects: true,
      isPath: true,
      isShortest: false,
    });
  });
});

it('marksPath agrees with judgeAnswer on answers with other cells marked, or changed', () => {
  const random = testDraws(3);
  let paths = 0;
  for (let i = 0; i < 4000; i++) {
    // Few walls and short ways, so that a mark more or less is often another path.
    const options = {
      size: 3 + random.integer(4),
      minWalls: 0,
      maxWalls: 0.3,
      minPathCells: 2,
      onePath: false,
    };
    const drawn = drawMaze(options, random);
    if (drawn === undefined) continue;
    const cells = drawn.answer.cells.slice();
    for (let changes = random.integer(4); changes > 0; changes--) {
      const cell = random.integer(cells.length);
      if (random.integer(10) === 0) cells[cell] = random.integer(5);
      else if (cells[cell] === FREE) cells[cell] = PATH;
      else if (cells[cell] === PATH) cells[cell] = FREE;
    }
    const answer = { ...drawn.answer, cells };
    const { isPath } = judgeAnswer(drawn.question, answer);
    expect(marksPath(drawn.question, answer), formatMaze(answer)).toBe(isPath);
    if (isPath && formatMaze(answer) !== formatMaze(drawn.answer)) paths += 1;
  }
  expect(paths).toBeGreaterThan(5);
  // As many marks as steps, and a ring beside the path.
  const ring = maze('ooo  ', 'o o  ', 'ooo  ', '    S', '    G');
  expect(marksPath(maze('     ', '     ', '     ', '    S', '    G'), ring)).toBe(false);
});

it('canonicalMaze is the same for the eight turned mazes and tells others apart', () => {
  const random = testDraws(0);
  const keys = new Set<string>();
  for (let i = 0; i < 30; i++) {
    const { question } = drawLongMaze(random);
    const key = canonicalMaze(question);
    keys.add(key);
    for (const transform of DIHEDRALS) {
      expect(canonicalMaze(applyDihedral(question, transform))).toBe(key);
    }
  }
  expect(keys.size).toBe(30);
});

it('drawMaze keeps to its options', () => {
  const random = testDraws(1);
  for (let i = 0; i < 100; i++) {
    const { question, answer, pathCells } = drawLongMaze(random);
    const walls = question.cells.filter((cell) => cell === WALL).length;
    expect(walls).toBeGreaterThanOrEqual(17);
    expect(walls).toBeLessThanOrEqual(40);
    expect(mazeProblem(question)).toBeUndefined();
    expect(shortestPath(question)).toHaveLength(pathCells);
    expect(pathCells).toBeGreaterThanOrEqual(14);
    expect(judgeAnswer(question, answer).isShortest).toBe(true);
  }
});

function drawLongMaze(random: { integer(bound: number): number }): MazePuzzle {
  for (;;) {
    const options = { size: 9, minWalls: 0.2, maxWalls: 0.5, minPathCells: 14, onePath: false };
    const drawn = drawMaze(options, random);
    if (drawn !== undefined) return drawn;
  }
}

it('reproduces all 2,000 labels of maze-30x30-hard-1k', ({ skip }) => {
  const folder = join(process.env['EDDY_DATA'] ?? resolve('../shared/data'), 'maze');
  if (!existsSync(folder)) skip(`no real data: ${folder} is absent (set EDDY_DATA)`);
  const rows = ['train', 'test'].flatMap((split) =>
    readFileSync(join(folder, `${split}.csv`), 'utf8')
      .trimEnd()
      .split('\n')
      .slice(1),
  );
  expect(rows).toHaveLength(2000);
  const keys = new Set<string>();
  for (const row of rows) {
    const [, question, answer, rating] = row.split(',') as [string, string, string, string];
    const asked = parseMaze(question) as Maze;
    const path = shortestPath(asked)!;
    expect(formatMaze(markPath(asked, path))).toBe(answer);
    expect(path).toHaveLength(Number(rating));
    keys.add(canonicalMaze(asked));
  }
  expect(keys.size).toBe(2000);
});
