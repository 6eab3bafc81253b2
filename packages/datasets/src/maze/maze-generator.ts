/** Generated mazes whose label is the shortest path that the rule of maze-30x30-hard picks. */
import { canonicalMaze, drawMaze, formatMaze, type MazeOptions } from '@eddy/puzzles';

import type { Generator } from '../rows/generated-rows.ts';
import type { MazeRow } from './maze-row.ts';

export function mazeGenerator(options: MazeOptions): Generator<MazeRow> {
  return {
    task: 'maze',
    version: 'maze-generator-1',
    draw(random) {
      const drawn = drawMaze(options, random);
      return drawn && { question: drawn.question, answer: drawn.answer, rating: drawn.pathCells };
    },
    text: ({ question }) => formatMaze(question),
    symmetryClass: ({ question }) => canonicalMaze(question),
  };
}
