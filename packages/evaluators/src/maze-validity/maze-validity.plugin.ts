import { definePlugin } from '@eddy/core';
import { z } from 'zod';

import { MazeValidity } from './maze-validity.ts';

export default definePlugin({
  kind: 'evaluator',
  name: 'maze-validity',
  apiVersion: 1,
  summary: 'share of answers that mark a valid path through the maze, and a shortest one',
  config: z.strictObject({}),
  metrics: {
    valid_path: {
      label: 'Valid paths',
      explanation: 'Share of answers that mark one path from start to goal and keep the maze.',
      scale: 'share',
      better: 'higher',
    },
    shortest_path: {
      label: 'Shortest paths',
      explanation: 'Share of answers whose path is valid and a shortest one.',
      scale: 'share',
      better: 'higher',
    },
    other_shortest: {
      label: 'Other shortest paths',
      explanation: 'Share of answers that are as short as the solution but take a different path.',
      scale: 'share',
    },
    connects: {
      label: 'Start and goal connected',
      explanation:
        'Share of answers whose marked cells connect start and goal, whatever else they mark.',
      scale: 'share',
      better: 'higher',
    },
    maze_kept: {
      label: 'Maze kept',
      explanation: 'Share of answers that leave walls, start and goal where they are.',
      scale: 'share',
      better: 'higher',
    },
  },
  create: () => new MazeValidity(),
});
