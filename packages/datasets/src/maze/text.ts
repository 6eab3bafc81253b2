/** Single mazes as people write and read them. */
import { formatMazeTokens, readMazeText, violationsOfMazeTokens } from '@eddy/puzzles';

import { readOrThrow } from '../text/errors.ts';
import type { PuzzleText } from '../text/puzzle-text.ts';

/** @param size  rows and columns. */
export const mazeText = (size: number): PuzzleText => ({
  parse: (text) => ({ puzzles: [{ input: readOrThrow(readMazeText(text, size)) }] }),
  format: formatMazeTokens,
  violations: violationsOfMazeTokens,
});
