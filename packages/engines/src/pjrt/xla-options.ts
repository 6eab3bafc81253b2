import { z } from 'zod';

export const deviceCount = z.union([z.literal('all'), z.int().min(1).max(64)]);

/** The devices that an engine is asked for by number (`Plugin.devices`); `all` tells only where it starts. */
export function askedDevices({ devices }: { readonly devices: number | 'all' }) {
  return devices === 'all' ? undefined : { devices };
}

/** Options that all compiling engines share. */
export const xlaOptions = {
  precision: z
    .enum(['auto', 'float32', 'bf16-mixed'])
    .default('auto')
    .describe('bf16-mixed: bfloat16 products with float32 weights; auto uses it if it is faster'),
  xlaFlags: z.string().optional().describe('debug options of XLA, as in XLA_FLAGS'),
  hangTimeoutSeconds: z
    .number()
    .min(10)
    .default(24)
    .describe(
      'seconds without a heartbeat after which an idle engine process counts as hung; a busy one has five times as long',
    ),
};
