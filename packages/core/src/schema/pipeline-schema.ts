/** The keys of a pipeline file that are not stages. */
import { z } from 'zod';

import { partReference } from '../plugin/part-reference.ts';
import { PIPELINE_NAME } from '../config/pipeline-name.ts';

const ablation = z.strictObject({
  arms: z
    .record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/), z.array(z.string()))
    .refine((arms) => Object.keys(arms).length > 0, 'name at least one arm')
    .describe('name → overrides in Hydra’s grammar; [] is the unchanged pipeline'),
  seeds: z
    .array(z.int().min(0))
    .min(1)
    .optional()
    .describe('seeds that each arm runs with; by default the pipeline’s seed'),
  metric: z.string().optional().describe('metric that sorts the table; exact_accuracy by default'),
  mode: z
    .enum(['max', 'min'])
    .default('max')
    .describe('max if larger is better, min if smaller is better'),
});

export type Ablation = z.output<typeof ablation>;

export const pipelineSchema = z.strictObject({
  name: z
    .string()
    .regex(PIPELINE_NAME, 'letters, digits, and . _ - between them')
    .describe('name of the run folder; by default the name of the file'),
  description: z.string().optional().describe('one line that describes the pipeline'),
  seed: z.int().min(0).default(0).describe('seed of all random numbers of the run'),
  engine: partReference('engine').describe(
    'what computes; auto: the fastest engine that works here',
  ),
  plugins: z
    .array(z.string())
    .default([])
    .describe('npm packages and local .ts or .js files that contain more plugins'),
  loggers: z
    .array(partReference('logger'))
    .prefault(['console'])
    .describe('where progress and results are reported'),
  vars: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('your own values, used as ${vars.name}'),
  ablate: ablation
    .optional()
    .describe('arms that `pipeline sweep` compares; ignored by `pipeline run`'),
  baseFolder: z
    .string()
    .optional()
    .describe('folder that relative paths start from; set in the config of a run'),
});

export const RESERVED_KEYS: ReadonlySet<string> = new Set(Object.keys(pipelineSchema.shape));
