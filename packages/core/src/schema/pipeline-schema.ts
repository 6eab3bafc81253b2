/** The keys of a pipeline file that are not stages. */
import { z } from 'zod';

import { partReference } from '../plugin/part-reference.ts';
import { PIPELINE_NAME } from '../config/pipeline-name.ts';

const ablation = z.strictObject({
  arms: z
    .record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/), z.array(z.string()))
    .refine((arms) => Object.keys(arms).length > 0, 'name at least one arm')
    .describe('name → overrides in Hydra’s grammar; [] is the pipeline as it stands'),
  seeds: z
    .array(z.int().min(0))
    .min(1)
    .optional()
    .describe('each arm runs once with each; the pipeline’s seed when left out'),
  metric: z.string().optional().describe('sorts the table; exact_accuracy when left out'),
  mode: z.enum(['max', 'min']).default('max').describe('whether a large metric is a good one'),
});

export type Ablation = z.output<typeof ablation>;

export const pipelineSchema = z.strictObject({
  name: z
    .string()
    .regex(PIPELINE_NAME, 'letters, digits, and . _ - between them')
    .describe('names the run folder; after the file when left out'),
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
  ablate: ablation
    .optional()
    .describe('arms that `pipeline sweep` compares; `run` takes no notice'),
  baseFolder: z
    .string()
    .optional()
    .describe('where relative paths start; written into the config of a run'),
});

export const RESERVED_KEYS: ReadonlySet<string> = new Set(Object.keys(pipelineSchema.shape));
