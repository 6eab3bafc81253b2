import { definePlugin } from '@eddy/core';
import { z } from 'zod';

import { MazeValidity } from './maze-validity.ts';

export default definePlugin({
  kind: 'evaluator',
  name: 'maze-validity',
  apiVersion: 1,
  summary: 'answers that mark a way through the maze, and a shortest one',
  config: z.strictObject({}),
  create: () => new MazeValidity(),
});
