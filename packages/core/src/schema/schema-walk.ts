/** Looks inside zod schemas: wrappers off, keys of objects. */
import type { z } from 'zod';

type AnySchema = z.core.$ZodType;
type Definition = {
  readonly type: string;
  readonly innerType?: AnySchema;
  readonly in?: AnySchema;
  readonly element?: AnySchema;
  readonly valueType?: AnySchema;
  readonly options?: readonly AnySchema[];
  readonly shape?: Readonly<Record<string, AnySchema>>;
};

function definitionOf(schema: AnySchema): Definition {
  return schema._zod.def;
}

/** The schema under optional, default, nullable, readonly, pipes and the like. */
function unwrap(schema: AnySchema): AnySchema {
  const { innerType, in: input } = definitionOf(schema);
  const inner = innerType ?? input;
  return inner === undefined ? schema : unwrap(inner);
}

/** The properties of an object schema, or of all objects in a union; undefined for others. */
export function shapeOf(schema: AnySchema): Readonly<Record<string, AnySchema>> | undefined {
  const { shape, options } = definitionOf(unwrap(schema));
  if (shape !== undefined) return shape;
  const shapes = options?.map(shapeOf).filter((shape) => shape !== undefined) ?? [];
  return shapes.length > 0 ? (Object.assign({}, ...shapes) as typeof shape) : undefined;
}

/** The schema of what lies at `path` inside a value of `schema`. */
export function schemaAt(
  schema: AnySchema,
  path: readonly (string | number)[],
): AnySchema | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return schema;
  const { element, valueType, options } = definitionOf(unwrap(schema));
  const shape = shapeOf(schema) ?? {};
  const next =
    (Object.hasOwn(shape, key) ? shape[key] : undefined) ??
    element ??
    valueType ??
    options?.map((option) => definitionOf(unwrap(option)).element).find(Boolean);
  return next === undefined ? undefined : schemaAt(next, rest);
}
