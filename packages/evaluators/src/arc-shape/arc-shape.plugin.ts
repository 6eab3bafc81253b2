import { definePlugin } from '@eddy/core';
import { z } from 'zod';

import { ArcShape } from './arc-shape.ts';

export default definePlugin({
  kind: 'evaluator',
  name: 'arc-shape',
  apiVersion: 1,
  summary: 'ARC: answers of the right size, right cells, beside what the input would score',
  config: z.strictObject({}),
  create: () => new ArcShape(),
});
