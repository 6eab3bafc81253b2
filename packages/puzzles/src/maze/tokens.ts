/** Tokens of mazes: 0 padding, then the characters `# SGo` as 1 to 5. */
import { MAZE_CHARACTERS, type Maze } from './maze.ts';

export const MAZE_PAD_TOKEN = 0;
export const MAZE_VOCAB_SIZE = MAZE_CHARACTERS.length + 1;

export function mazeTokensOf({ cells }: Maze): Uint8Array {
  const tokens = new Uint8Array(cells.length);
  for (let i = 0; i < cells.length; i++) tokens[i] = cells[i]! + 1;
  return tokens;
}

/** The maze behind the tokens of a square grid. */
export function mazeOf(tokens: Uint8Array): Maze {
  const side = Math.sqrt(tokens.length);
  return { rows: side, cols: side, cells: tokens.map((token) => token - 1) };
}
