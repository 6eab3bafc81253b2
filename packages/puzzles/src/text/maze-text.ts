/** Single mazes as people write and read them. */
import { formatMaze, MAZE_CHARACTERS, mazeProblem, parseMaze } from '../maze/maze.ts';
import { judgeAnswer } from '../maze/shortest-path.ts';
import { mazeOf, mazeTokensOf } from '../maze/tokens.ts';
import type { Misreading } from './misreading.ts';

const FREE_CHARACTER = ' ';
const QUESTION_CHARACTERS = MAZE_CHARACTERS.replace('o', '');

/**
 * Reads a maze: `#` wall, space or `.` free, `S`, `G`; on `size` lines, or all on one. Editors take
 * spaces from the ends of lines, so a short line counts as free cells to its end.
 *
 * @returns tokens, or where the text is no maze
 */
export function readMazeText(text: string, size: number): Uint8Array | Misreading {
  const lines = text.split(/\r?\n/);
  while (lines.length > 1 && lines.at(-1) === '') lines.pop();
  const whole = lines.length === 1 ? size * size : size;
  if (lines.length !== 1 && lines.length !== size) {
    return {
      line: Math.min(lines.length, size + 1),
      column: 1,
      expected: `${size} lines of ${size} cells, or all on one line`,
      received: `${lines.length} lines`,
    };
  }
  for (const [row, line] of lines.entries()) {
    const wrong = [...line].findIndex((c) => !QUESTION_CHARACTERS.includes(c) && c !== '.');
    if (wrong !== -1 || line.length > whole) {
      return {
        line: row + 1,
        column: (wrong === -1 ? whole : wrong) + 1,
        expected: `${whole} characters of "${QUESTION_CHARACTERS}", or "." for a free cell`,
        received: wrong === -1 ? `${line.length} characters` : JSON.stringify([...line][wrong]),
      };
    }
  }
  const padded = lines.map((line) => line.replaceAll('.', FREE_CHARACTER).padEnd(whole));
  const maze = parseMaze(padded.join(''));
  const problem = typeof maze === 'string' ? maze : mazeProblem(maze);
  if (typeof maze === 'string' || problem !== undefined) {
    const expected = 'one S and one G';
    return { line: 1, column: 1, expected, received: problem! };
  }
  return mazeTokensOf(maze);
}

/** One line; padding that a model put into a cell reads as a free cell. */
export function formatMazeTokens(tokens: Uint8Array): string {
  const cells = tokens.map((token) => (token > 0 ? token : MAZE_CHARACTERS.indexOf(' ') + 1));
  return formatMaze(mazeOf(cells));
}

export function violationsOfMazeTokens(input: Uint8Array, answer: Uint8Array): string[] {
  const judged = judgeAnswer(mazeOf(input), mazeOf(answer));
  const violations: string[] = [];
  if (!judged.keepsMaze) violations.push('walls, start or goal differ from the question');
  if (!judged.connects) violations.push('the marked cells do not connect S and G');
  else if (!judged.isPath) violations.push('cells are marked that are not on the path');
  else if (!judged.isShortest) violations.push('there is a shorter path');
  return violations;
}
