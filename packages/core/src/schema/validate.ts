/** Checks a composed tree against the schemas that its plugins bring, and fills in defaults. */
import type { z } from 'zod';

import { EddyError } from '@eddy/tensor/errors';
import { callHook } from '../plugin/hook.ts';
import { optionsOf, partKindOfValue, partReference } from '../plugin/part-reference.ts';
import type { AnyPlugin } from '../plugin/plugin-shape.ts';
import type { PluginKind } from '../contracts/kinds.ts';
import type { PluginEntry, PluginRegistry } from '../plugin/registry.ts';
import type { PluginReference } from '../contracts/services.ts';
import {
  formatPath,
  keyOriginNear,
  originNear,
  toPlain,
  type MapNode,
  type Path,
} from '../config/config-node.ts';
import { PIPELINE_NAME } from '../config/pipeline-name.ts';
import { nearest } from '../config/nearest.ts';
import { pipelineSchema, RESERVED_KEYS } from './pipeline-schema.ts';
import { problemOf, type Problem } from '../config/problem.ts';
import { problemsOf, type ValueProblem } from './schema-problems.ts';
import { withSpace } from '../config/source-lines.ts';
import { shapeOf } from './schema-walk.ts';
import { misplacedKeyFix } from './misplaced-keys.ts';

/** A plugin that the pipeline uses, where, and with which options. */
export interface ResolvedPart {
  readonly kind: PluginKind;
  readonly entry: PluginEntry;
  readonly plugin: AnyPlugin;
  readonly path: Path;
  /** `use` and the options with their defaults. */
  readonly reference: PluginReference;
}

export interface Validated {
  readonly value: Readonly<Record<string, unknown>>;
  readonly parts: readonly ResolvedPart[];
  readonly problems: readonly Problem[];
}

/** Finds every problem; `value` is only whole when there is none. */
export async function validate(tree: MapNode, registry: PluginRegistry): Promise<Validated> {
  const validator = new Validator(tree, registry);
  const value = await validator.pipeline();
  return { value, parts: validator.parts, problems: validator.problems };
}

class Validator {
  readonly problems: Problem[] = [];
  readonly parts: ResolvedPart[] = [];
  /** Keys that no option has where they stand. */
  readonly #misplaced = new Set<Problem>();
  readonly #tree: MapNode;
  readonly #registry: PluginRegistry;

  constructor(tree: MapNode, registry: PluginRegistry) {
    this.#tree = tree;
    this.#registry = registry;
  }

  async pipeline(): Promise<Record<string, unknown>> {
    const plain = toPlain(this.#tree) as Record<string, unknown>;
    const reserved = Object.fromEntries(
      Object.entries(plain).filter(([key]) => RESERVED_KEYS.has(key)),
    );
    const parsed = pipelineSchema.safeParse(reserved);
    const accepted = await this.#accept(parsed, pipelineSchema, reserved, [], []);
    const value = accepted as Record<string, unknown>;
    const stages = Object.keys(plain).filter((key) => !RESERVED_KEYS.has(key));
    for (const key of stages) value[key] = await this.#stage(key, plain[key]);
    if (stages.length === 0) {
      this.#add([], {
        path: [],
        atKey: false,
        message: 'the pipeline has no stage',
        expected: `at least one of ${this.#registry.names('stage').join(', ')}`,
        fix: 'add a stage, for example train:',
      });
    }
    await this.#sayWhereKeysBelong();
    return value;
  }

  /** When all parts are known: a key may belong to one that comes later. */
  async #sayWhereKeysBelong(): Promise<void> {
    const parts = this.parts.map(({ path, plugin }) => ({ path, schema: plugin.config }));
    const places = [{ path: [], schema: pipelineSchema }, ...parts];
    for (const [i, problem] of this.problems.entries()) {
      if (!this.#misplaced.has(problem)) continue;
      const fix = misplacedKeyFix(problem.path, places) ?? (await this.#whoHasIt(problem.path));
      if (fix !== undefined) this.problems[i] = { ...problem, fix };
    }
  }

  /** Names the plugins of the same kind that have an option which this one lacks. */
  async #whoHasIt(path: Path): Promise<string | undefined> {
    const at = formatPath(path.slice(0, -1));
    const part = this.parts.find((candidate) => formatPath(candidate.path) === at);
    if (part === undefined) return undefined;
    const { kind, entry, reference } = part;
    const key = String(path.at(-1));
    const others = this.#registry.names(kind).filter((name) => name !== entry.name);
    const having: string[] = [];
    // The first that takes these options without others: the fix is to lead somewhere.
    let example: string | undefined;
    for (const name of others) {
      // One that cannot be loaded is the problem of a pipeline that names it.
      const plugin = await this.#registry.load(kind, name).catch(() => undefined);
      const shape = plugin && shapeOf(plugin.config);
      if (shape !== undefined && Object.hasOwn(shape, key)) {
        having.push(name);
        if (plugin!.config.safeParse(optionsOf(reference)).success) example ??= name;
      }
    }
    if (having.length === 0) return undefined;
    const list = having.join(having.length === 2 ? ' and ' : ', ');
    const verb = having.length === 1 ? 'has' : 'have';
    return `${list} ${verb} it, ${entry.name} has not: remove it, or choose ${at}.use=${example ?? having[0]}`;
  }

  async #stage(key: string, written: unknown): Promise<unknown> {
    const stageNames = this.#registry.names('stage');
    const hasUse = typeof written === 'object' && written !== null && 'use' in written;
    if (!hasUse && typeof written !== 'string' && !stageNames.includes(key)) {
      const near = nearest(key, [...RESERVED_KEYS, ...stageNames]);
      this.#add([], {
        path: [key],
        atKey: true,
        message: `unknown key ${key}: neither a setting nor a stage`,
        expected: `a setting (${[...RESERVED_KEYS].join(', ')}) or a stage (${stageNames.join(', ')})`,
        fix:
          near === undefined ? 'name its plugin with use:, or remove it' : `did you mean ${near}?`,
        isUnknownKey: true,
      });
      return undefined;
    }
    if (!PIPELINE_NAME.test(key)) {
      this.#add([], {
        path: [key],
        atKey: true,
        message: 'a stage cannot have this name, because a folder of the run is named after it',
        expected: 'letters, digits, and . _ - between them',
        received: JSON.stringify(key),
        fix: 'rename the stage',
      });
    }
    const reference = hasUse || typeof written === 'string' ? written : addUse(key, written ?? {});
    const parsed = partReference('stage').safeParse(reference);
    if (parsed.success) return this.#part('stage', parsed.data, [key]);
    this.#add([key], ...problemsOf(parsed.error.issues, partReference('stage'), written));
    return undefined;
  }

  /** The named plugin's schema on the reference's options. */
  async #part(kind: PluginKind, reference: PluginReference, path: Path): Promise<unknown> {
    const name = reference.use;
    if (!this.#registry.has(kind, name)) {
      const known = this.#registry.names(kind);
      this.#add(path, {
        path: this.#writtenUse(path) ? ['use'] : [],
        atKey: false,
        message: `there is no ${kind} called ${name}`,
        expected: known.length > 0 ? `one of ${known.join(', ')}` : `a plugin of kind ${kind}`,
        received: JSON.stringify(name),
        fix: nameFix(name, known),
      });
      return undefined;
    }
    try {
      return await this.#knownPart(kind, reference, path);
    } catch (error) {
      if (!(error instanceof EddyError)) throw error;
      this.#add(path, { path: [], atKey: false, ...problemOf(error) });
      return undefined;
    }
  }

  async #knownPart(kind: PluginKind, reference: PluginReference, path: Path): Promise<unknown> {
    const name = reference.use;
    const plugin = await this.#registry.load(kind, name);
    const entry = this.#registry.entry(kind, name);
    // Reserve the place, so that parts are listed from the outside in.
    const index = this.parts.push({ kind, entry, plugin, path, reference }) - 1;
    const written = optionsOf(reference);
    const parsed = callHook(entry, 'config', () => plugin.config.safeParse(written));
    const options = await this.#accept(parsed, plugin.config, written, path, ['use']);
    const resolved = { use: name, ...(options as object) };
    this.parts[index] = { kind, entry, plugin, path, reference: resolved };
    return resolved;
  }

  /** Reports what the schema refused, and goes on into the parts that the value names. */
  async #accept(
    result: z.ZodSafeParseResult<unknown>,
    schema: z.core.$ZodType,
    value: unknown,
    path: Path,
    extraKeys: readonly string[],
  ): Promise<unknown> {
    if (result.success) return this.#partsIn(result.data, path);
    this.#add(path, ...problemsOf(result.error.issues, schema, value, extraKeys));
    // Options that are fine by themselves may still name parts with problems of their own.
    const shape = shapeOf(schema) ?? {};
    const partial: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(value as object)) {
      const option = Object.hasOwn(shape, key) ? (shape[key] as z.ZodType) : undefined;
      const parsed = option?.safeParse(item);
      if (parsed?.success === true) partial[key] = await this.#partsIn(parsed.data, [...path, key]);
    }
    return partial;
  }

  async #partsIn(value: unknown, path: Path): Promise<unknown> {
    if (typeof value !== 'object' || value === null) return value;
    const kind = partKindOfValue(value);
    if (kind !== undefined) return this.#part(kind, value as PluginReference, path);
    if (Array.isArray(value)) {
      const items: unknown[] = [];
      for (const [i, item] of value.entries()) items.push(await this.#partsIn(item, [...path, i]));
      return items;
    }
    const entries: [string, unknown][] = [];
    for (const [key, item] of Object.entries(value)) {
      entries.push([key, await this.#partsIn(item, [...path, key])]);
    }
    return Object.fromEntries(entries);
  }

  #writtenUse(path: Path): boolean {
    const node = path.reduce<unknown>(
      (value, key) => (value as Record<string | number, unknown> | undefined)?.[key],
      toPlain(this.#tree),
    );
    return typeof node === 'object' && node !== null && 'use' in node;
  }

  #add(prefix: Path, ...found: ValueProblem[]): void {
    for (const { path: inner, atKey, isUnknownKey, ...facts } of found) {
      const path = [...prefix, ...inner];
      const origin = atKey ? keyOriginNear(this.#tree, path) : originNear(this.#tree, path);
      const problem = { origin, path, ...facts };
      if (isUnknownKey === true) this.#misplaced.add(problem);
      this.problems.push(problem);
    }
  }
}

/** Returns the fix for the name of a plugin that does not exist. */
function nameFix(name: string, known: readonly string[]): string {
  const spaced = withSpace(name);
  if (spaced !== undefined) return `a space is missing: write ${spaced}`;
  const words = name.split(' ');
  if (words.length > 1 && words.every((word) => known.includes(word))) {
    return `a comma is missing: write ${words.join(', ')}`;
  }
  const near = nearest(name, known);
  return near === undefined
    ? 'see `pipeline plugins`; if a package contains it, add that package to plugins:'
    : `did you mean ${near}?`;
}

/** A stage's plugin is called as its key, unless it says otherwise. */
function addUse(key: string, written: unknown): unknown {
  const isMap = typeof written === 'object' && written !== null && !Array.isArray(written);
  return isMap ? { use: key, ...written } : written;
}
