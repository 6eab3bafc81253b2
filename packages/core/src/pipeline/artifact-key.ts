/** What the result of a stage depends on, and its hash. */
import { createHash } from 'node:crypto';

export interface KeyInputs {
  readonly stage: string;
  /** The stage's plugin and options, with defaults. */
  readonly config: unknown;
  /** Key path of each part → name and version: `optimizer: adamw@0.1.0`. */
  readonly plugins: Readonly<Record<string, string>>;
  /** The run's seed, for stages whose parts draw from it. */
  readonly seed?: number;
  /** Keys and content hashes of what the stage reads. */
  readonly inputs: readonly string[];
}

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
