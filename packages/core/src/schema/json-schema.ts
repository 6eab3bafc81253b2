/** One JSON Schema (draft-07) of pipeline files for editors: core's keys and every plugin's options. */
import { z } from 'zod';

import { partKindOfSchema } from '../plugin/part-reference.ts';
import { PLUGIN_KINDS, type PluginKind } from '../contracts/kinds.ts';
import type { PluginRegistry } from '../plugin/registry.ts';
import { pipelineSchema } from './pipeline-schema.ts';

type JsonSchema = Record<string, unknown>;

/** Imports every plugin that the registry lists. */
export async function pipelineJsonSchema(registry: PluginRegistry): Promise<JsonSchema> {
  const definitions: Record<string, JsonSchema> = {};
  const stages: Record<string, JsonSchema> = {};
  for (const kind of PLUGIN_KINDS) {
    const options: JsonSchema[] = [];
    for (const { name, summary } of registry.list(kind)) {
      const plugin = await registry.load(kind, name);
      const schema = optionsSchema(plugin.config);
      options.push(withUse(schema, name, summary, { required: true }));
      if (kind === 'stage') stages[name] = withUse(schema, name, summary, { required: false });
    }
    definitions[kind] = kindSchema(registry, kind, options);
  }
  const { properties, ...root } = optionsSchema(pipelineSchema);
  const files = { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] };
  return {
    ...root,
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Eddy pipeline',
    properties: {
      ...(properties as JsonSchema),
      extends: { ...files, description: 'files that lie under this one' },
      defaults: {
        type: 'array',
        description: 'config groups, as in Hydra: - train/model: trm-mlp',
      },
      ...stages,
    },
    required: [],
    // Any other key is a stage that names its plugin.
    additionalProperties: { $ref: '#/definitions/stage' },
    definitions,
  };
}

function kindSchema(
  registry: PluginRegistry,
  kind: PluginKind,
  options: readonly JsonSchema[],
): JsonSchema {
  const names = registry.list(kind);
  return {
    anyOf: [
      ...names.map(({ name, summary }) => ({ const: name, description: summary })),
      ...options,
      // An interpolation may stand for a part.
      { type: 'string', pattern: '\\$\\{' },
    ],
  };
}

function withUse(
  schema: JsonSchema,
  name: string,
  summary: string,
  { required }: { required: boolean },
): JsonSchema {
  const mandatory = (schema['required'] as string[] | undefined) ?? [];
  return {
    ...schema,
    description: summary,
    properties: {
      use: { const: name, description: summary },
      extends: { type: ['string', 'array'], description: 'files that lie under this map' },
      ...(schema['properties'] as JsonSchema | undefined),
    },
    required: required ? ['use', ...mandatory] : mandatory,
  };
}

function optionsSchema(schema: z.ZodType): JsonSchema {
  const { $schema: _draft, ...json } = z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const kind = partKindOfSchema(zodSchema);
      if (kind === undefined) return;
      const { description } = jsonSchema;
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key as keyof typeof jsonSchema];
      // In draft-07 nothing beside $ref counts.
      Object.assign(jsonSchema, { allOf: [{ $ref: `#/definitions/${kind}` }] });
      if (description !== undefined) jsonSchema.description = description;
    },
  }) as JsonSchema;
  return json;
}
