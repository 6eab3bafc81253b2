/** How a schema says "here stands a plugin of this kind", so that the config loader finds it. */
import { z } from 'zod';

import type { PluginReference } from '../contracts/services.ts';
import type { PluginKind } from '../contracts/kinds.ts';

// Both marks are shared by all copies of core in a process: a local plugin may bring its own copy.
/** On a parsed reference: the kind it was declared with. */
const PART_KIND = Symbol.for('eddy.part-kind');

type PartSchemas = ReturnType<typeof z.registry<{ readonly kind: PluginKind }>>;
const shared = globalThis as { eddyPartSchemas?: PartSchemas };
const partSchemas = (shared.eddyPartSchemas ??= z.registry());

/**
 * A schema for an option that names a plugin: `adam-atan2` or `{ use: adam-atan2, ...options }`.
 *
 * Parses to `{ use, ...options }`. The loader then validates the options by the named plugin's own
 * schema and puts them, with their defaults, in place of what was written. Give a default by
 * `.prefault('ema')`: zod's `.default` skips parsing, so the loader would not see the part.
 *
 * @example
 * config: z.strictObject({ optimizer: partReference('optimizer'), averager: partReference('averager').prefault('ema') })
 */
export function partReference(
  kind: PluginKind,
): z.ZodType<PluginReference, string | PluginReference> {
  const schema = z.unknown().transform((value, context): PluginReference => {
    const reference = asReference(value);
    if (reference === undefined) {
      context.issues.push({
        code: 'invalid_type',
        expected: 'string',
        message: `expected the name of a plugin of kind ${kind}, or { use: name, ...options }`,
        input: value,
        params: { partKind: kind },
      });
      return z.NEVER;
    }
    Object.defineProperty(reference, PART_KIND, { value: kind, enumerable: false });
    return reference;
  });
  partSchemas.add(schema, { kind });
  return schema as z.ZodType<PluginReference, string | PluginReference>;
}

/** The kind that a parsed value was declared with, when it is a part reference. */
export function partKindOfValue(value: object): PluginKind | undefined {
  return (value as { [PART_KIND]?: PluginKind })[PART_KIND];
}

/** The kind that a schema stands for, when `partReference` made it. */
export function partKindOfSchema(schema: z.core.$ZodType): PluginKind | undefined {
  return partSchemas.get(schema as z.ZodType)?.kind;
}

/** The options of a reference without its `use`. */
export function optionsOf(reference: PluginReference): Record<string, unknown> {
  const { use: _use, ...options } = reference;
  return options;
}

function asReference(value: unknown): PluginReference | undefined {
  if (typeof value === 'string') return { use: value };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { use } = value as { use?: unknown };
  return typeof use === 'string' ? { ...value, use } : undefined;
}
