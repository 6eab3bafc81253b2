/** What the result of a stage depends on, and its hash. */
import { createHash } from 'node:crypto';

import { z } from 'zod';

export const keyInputs = z.strictObject({
  stage: z.string(),
  /** The stage's plugin and options, with defaults. */
  config: z.unknown(),
  /** Key path of each part → name and version: `optimizer: adamw@0.1.0`. */
  plugins: z.record(z.string(), z.string()).readonly(),
  /** The run's seed, for stages whose parts draw from it. */
  seed: z.number().exactOptional(),
  /** Other things that it depends on, by name: the engine, the code that computes, the evaluations that end a training. */
  also: z.record(z.string(), z.unknown()).readonly().exactOptional(),
  /** Keys and content hashes of what the stage reads. */
  inputs: z.array(z.string()).readonly(),
});

export type KeyInputs = Readonly<z.output<typeof keyInputs>>;

export function artifactKey(inputs: KeyInputs): string {
  return createHash('sha256').update(canonicalJson(inputs)).digest('hex').slice(0, 32);
}

/** JSON with sorted keys: equal values, equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
