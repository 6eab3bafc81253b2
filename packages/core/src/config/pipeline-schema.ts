/** The keys of a pipeline file that are not stages. */
import { z } from 'zod';

import { partReference } from '../plugin/part-reference.ts';

export const pipelineSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'letters, digits, and . _ - between them')
    .describe('names the run folder; the file name when left out'),
  description: z.string().optional().describe('one line for people'),
  seed: z.int().min(0).default(0).describe('root of all randomness of the run'),
  engine: partReference('engine').describe('computes: auto takes the fastest that works here'),
  plugins: z
    .array(z.string())
    .default([])
    .describe('npm packages and local .ts or .js files that bring more plugins'),
  loggers: z
    .array(partReference('logger'))
    .prefault(['console'])
    .describe('where people see the run'),
  vars: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('values of your own, for ${vars.name}'),
  baseFolder: z
    .string()
    .optional()
    .describe('where relative paths start; written into the config of a run'),
});

export const RESERVED_KEYS: ReadonlySet<string> = new Set(Object.keys(pipelineSchema.shape));
