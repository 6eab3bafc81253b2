/** When two examples are the same maze: turned or mirrored, whatever the answers. */
import type { ExampleSymmetries } from '@eddy/core';
import { canonicalMaze } from '@eddy/puzzles';

import { mazeOf } from './maze-tokens.ts';

export const mazeSymmetries: ExampleSymmetries = {
  task: 'maze',
  canonicalKey: ({ input }) => canonicalMaze(mazeOf(input)),
};
