import { z } from 'zod';

/** Options that all compiling engines share. */
export const xlaOptions = {
  precision: z
    .enum(['auto', 'float32', 'bf16-mixed'])
    .default('auto')
    .describe(
      'bf16-mixed: bfloat16 products with float32 weights; auto takes it where it is faster',
    ),
  devices: z
    .union([z.literal('all'), z.int().min(1).max(64)])
    .default(1)
    .describe('devices that share each batch: so many GPUs, or parts of a CPU; all there are'),
  xlaFlags: z.string().optional().describe('debug options of XLA, as in XLA_FLAGS'),
  hangTimeoutSeconds: z
    .number()
    .min(30)
    .default(60)
    .describe('seconds without a sign of life after which the engine process counts as hung'),
};
