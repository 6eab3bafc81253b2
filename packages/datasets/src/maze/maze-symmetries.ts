/** When two examples are the same maze: turned or mirrored, whatever the answers. */
import type { ExampleSymmetries } from '@eddy/core';
import { canonicalMaze, mazeOf } from '@eddy/puzzles';

export const mazeSymmetries: ExampleSymmetries = {
  task: 'maze',
  canonicalKey: ({ input }) => canonicalMaze(mazeOf(input)),
};
