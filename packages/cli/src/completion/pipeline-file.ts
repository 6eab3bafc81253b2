/** The content of a pipeline file and the schema of its keys, as fast as a key press wants them. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { PIPELINE_LIMIT, readInputTextSync, SOURCE_LIMIT } from '@eddy/core/files';

import { pipelineCalled, schemaFile } from '../project/recipes.ts';
import type { JsonSchema } from './override-keys.ts';

const MAX_BYTES = 1024 * 1024;
/** Files that extend each other; a circle ends here, too. */
const MAX_DEPTH = 8;

export interface PipelineFile {
  readonly schema: JsonSchema;
  /** The file with those that it extends. */
  readonly content: unknown;
  /** Keys of its stages. */
  readonly stages: readonly string[];
}

/** undefined where there is no such file, or no schema. What is wrong with a file is for `validate` to say. */
export async function readPipelineFile(name: string): Promise<PipelineFile | undefined> {
  const schemaPath = schemaFile();
  const file = pipelineCalled(name);
  if (schemaPath === undefined || file === undefined) return undefined;
  const content = await contentOf(file, 0);
  const schema = await schemaOf(file, content, schemaPath);
  const reserved = new Set([
    'name',
    'description',
    'seed',
    'engine',
    'plugins',
    'loggers',
    'vars',
    'ablate',
    'baseFolder',
    'extends',
    'defaults',
  ]);
  const stages = Object.keys(Object(content) as object).filter((key) => !reserved.has(key));
  return { schema, content, stages };
}

/** The schema of the built-in plugins; undefined where it was not packed. */
export function readSchema(): JsonSchema | undefined {
  const path = schemaFile();
  return path === undefined ? undefined : (JSON.parse(readFileSync(path, 'utf8')) as JsonSchema);
}

async function contentOf(file: string, depth: number): Promise<Record<string, unknown>> {
  const info = statSync(file, { throwIfNoEntry: false });
  if (info === undefined || info.size > MAX_BYTES || depth > MAX_DEPTH) return {};
  const { parse } = await import('yaml');
  let own: unknown;
  try {
    own = parse(readInputTextSync(file, PIPELINE_LIMIT), { maxAliasCount: 100 });
  } catch {
    return {};
  }
  const map = Object.assign({}, own) as Record<string, unknown>;
  let merged: Record<string, unknown> = {};
  for (const base of [map['extends'] ?? []].flat()) {
    if (typeof base !== 'string') continue;
    merged = merge(merged, await contentOf(resolve(dirname(file), base), depth + 1));
  }
  return merge(merged, map);
}

function merge(a: Record<string, unknown>, b: Record<string, unknown>): Record<string, unknown> {
  const merged = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const before = merged[key];
    merged[key] = isMap(before) && isMap(value) ? merge(before, value) : value;
  }
  return merged;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Plugins of its own change the schema of a file. It is made by loading them, which takes a second, and kept
 * until one of their files changes.
 */
async function schemaOf(file: string, content: unknown, builtin: string): Promise<JsonSchema> {
  const { plugins } = Object(content) as { plugins?: unknown };
  const declared = [plugins ?? []].flat().filter((one) => typeof one === 'string');
  if (declared.length === 0) return JSON.parse(readFileSync(builtin, 'utf8')) as JsonSchema;
  const hash = createHash('sha256').update(`${file}\n${statSync(builtin).mtimeMs}`);
  for (const specifier of declared) {
    const path = resolve(dirname(file), specifier);
    hash.update(`${specifier}\n${existsSync(path) ? readInputTextSync(path, SOURCE_LIMIT) : ''}`);
  }
  const kept = join(cacheFolder(), 'completion', `${hash.digest('hex').slice(0, 32)}.json`);
  if (existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8')) as JsonSchema;
  try {
    const { loadRegistry } = await import('../project/load.ts');
    const { pipelineJsonSchema } = await import('@eddy/core/run');
    const schema = (await pipelineJsonSchema(await loadRegistry(file))) as JsonSchema;
    mkdirSync(dirname(kept), { recursive: true });
    writeFileSync(`${kept}.${process.pid}`, JSON.stringify(schema));
    renameSync(`${kept}.${process.pid}`, kept);
    return schema;
  } catch {
    // A plugin that cannot be loaded yet is no reason to complete nothing.
    return JSON.parse(readFileSync(builtin, 'utf8')) as JsonSchema;
  }
}

function cacheFolder(): string {
  const { EDDY_CACHE, XDG_CACHE_HOME } = process.env;
  return EDDY_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'eddy');
}
