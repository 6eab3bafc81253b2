/** From a pipeline file and overrides to a checked, frozen config that knows its origins. */
import { relative, resolve } from 'node:path';

import { baseFoldersOf, type Notice } from './base-folder.ts';
import { checkParts } from './check-parts.ts';
import {
  openRegistry,
  type BuiltinPackages,
  type DeclaredPlugins,
  type PluginRegistry,
} from '../plugin/registry.ts';
import { randomStream } from '../random/random-stream.ts';
import type { PluginReference } from '../contracts/services.ts';
import type { DatasetShape } from '../contracts/dataset.ts';
import { compose } from '../config/compose.ts';
import {
  child,
  formatPath,
  fromPlain,
  keyOriginNear,
  nodeAt,
  originNear,
  withNode,
  type ConfigNode,
  type MapNode,
  type Origin,
  type Path,
} from '../config/config-node.ts';
import { interpolate, type Environment } from '../config/interpolate.ts';
import { RESERVED_KEYS, type Ablation } from './pipeline-schema.ts';
import { nameOfFile } from '../config/pipeline-name.ts';
import { ConfigInvalid, type Problem } from '../config/problem.ts';
import { isInside, projectRootOf } from '../config/project-paths.ts';
import type { Settings } from '../config/settings.ts';
import { validate, type ResolvedPart } from './validate.ts';

export interface ResolvedPipeline {
  readonly file: string;
  /** The absolute folder that relative paths of the config start from. */
  readonly folder: string;
  /** The folder that paths of `plugins:` start from: another folder only for a run whose project is gone. */
  readonly pluginFolder: string;
  readonly projectRoot: string;
  /** Messages for the user about how the file was read. */
  readonly notices: readonly Notice[];
  readonly name: string;
  readonly seed: number;
  readonly engine: PluginReference;
  readonly loggers: readonly PluginReference[];
  /** The arms that a sweep of this file compares. */
  readonly ablation?: Ablation;
  /** The stages, in the order of the file. */
  readonly stages: readonly { readonly name: string; readonly reference: PluginReference }[];
  /** Everything, with defaults: a pipeline file's content. */
  readonly value: Readonly<Record<string, unknown>>;
  readonly parts: readonly ResolvedPart[];
  readonly datasetShape?: DatasetShape;
  readonly registry: PluginRegistry;
  readonly settings: Settings;
  /** The warnings of the plugins' own checks. */
  readonly warnings: readonly Problem[];
  /** The errors of the plugins' own checks; none in what `resolveConfig` returns. */
  readonly errors: readonly Problem[];
  /** Returns the origin of the value at a key path. */
  readonly originOf: (path: Path) => Origin;
  /** Returns the origin of the deepest part of a key path that is written. */
  readonly writtenNear: (path: Path) => Origin;
}

export interface ResolveOptions {
  readonly builtin: BuiltinPackages;
  readonly settings: Settings;
  readonly environment?: Environment;
  /** Stages to take in place of those that the file has under these keys. */
  readonly replacedStages?: Readonly<Record<string, PluginReference>> | undefined;
}

/** @throws CONFIG_INVALID with everything that is wrong; errors of plugins that cannot be loaded. */
export async function resolveConfig(
  file: string,
  overrides: readonly string[],
  options: ResolveOptions,
): Promise<ResolvedPipeline> {
  const pipeline = await readPipeline(file, overrides, options);
  if (pipeline.errors.length > 0) throw new ConfigInvalid(pipeline.file, pipeline.errors);
  return pipeline;
}

/**
 * Resolves a config whose parts may not fit together: what their checks refuse is in `errors`, so that `checkStages`
 * can report it with what the stages foresee.
 *
 * @throws CONFIG_INVALID for what the schemas refuse; errors of plugins that cannot be loaded.
 */
export async function readPipeline(
  file: string,
  overrides: readonly string[],
  options: ResolveOptions,
): Promise<ResolvedPipeline> {
  const { builtin, settings, environment = process.env } = options;
  const absolute = resolve(file);
  const composed = await compose(absolute, overrides, projectRootOf(absolute));
  const written = replaceStages(interpolate(absolute, composed, environment), options);
  const { folder, plugins, notices, missingFix } = await baseFoldersOf(written, absolute);
  const { registry, problems } = await openRegistry({
    builtin,
    file: absolute,
    declared: declaredPlugins(written),
    ...plugins,
    missingFix,
  });
  const tree = withDefaults(written, absolute, settings);
  const validated = await validate(tree, registry);
  const all = [...problems, ...validated.problems];
  if (all.length > 0) throw new ConfigInvalid(absolute, all);
  const { value, parts } = validated;
  const checked = await checkParts({
    tree,
    parts,
    registry,
    services: staticServices({ seed: 0, folder, settings }),
  });
  const { datasetShape } = checked;
  const isWarning = ({ level }: Problem) => level === 'warning';
  const stages = Object.keys(value).filter((key) => !RESERVED_KEYS.has(key));
  return {
    file: absolute,
    folder,
    pluginFolder: plugins.folder,
    projectRoot: plugins.projectRoot,
    notices,
    name: value['name'] as string,
    seed: value['seed'] as number,
    engine: value['engine'] as PluginReference,
    loggers: value['loggers'] as PluginReference[],
    ...(value['ablate'] === undefined ? {} : { ablation: value['ablate'] as Ablation }),
    stages: stages.map((name) => ({ name, reference: value[name] as PluginReference })),
    value,
    parts,
    ...(datasetShape === undefined ? {} : { datasetShape }),
    registry,
    settings,
    warnings: checked.problems.filter(isWarning),
    errors: checked.problems.filter((problem) => !isWarning(problem)),
    originOf: (path) => originOf(tree, parts, path),
    writtenNear: (path) => originNear(tree, path),
  };
}

function replaceStages(tree: MapNode, { replacedStages = {} }: ResolveOptions): MapNode {
  const origin: Origin = { kind: 'default', of: 'the command' };
  let result = tree;
  for (const [name, reference] of Object.entries(replacedStages)) {
    result = withNode(result, [name], fromPlain(reference, origin), origin) as MapNode;
  }
  return result;
}

/** The services that exist before anything runs. */
export function staticServices(
  pipeline: {
    readonly seed: number;
    readonly folder: string;
    readonly settings: Settings;
  },
  signal: AbortSignal = new AbortController().signal,
) {
  return {
    signal,
    seeds: randomStream(pipeline.seed),
    configFolder: pipeline.folder,
    cacheFolder: pipeline.settings.cacheFolder,
    offline: pipeline.settings.offline,
  };
}

function withDefaults(tree: MapNode, file: string, settings: Settings): MapNode {
  const fallbacks = {
    name: nameOfFile(file),
    engine: settings.defaultEngine,
  };
  let result = tree;
  for (const [key, value] of Object.entries(fallbacks)) {
    if (result.entries.has(key)) continue;
    const of = key === 'engine' && settings.file !== undefined ? settings.file : 'eddy';
    const origin: Origin = { kind: 'default', of };
    result = withNode(result, [key], { kind: 'scalar', value, origin }, origin) as MapNode;
  }
  // `engine: { precision: float32 }`, or such an override, is an option of the engine that is the default.
  const engine = child(result, 'engine');
  if (engine?.kind !== 'map' || engine.entries.has('use')) return result;
  const origin: Origin = { kind: 'default', of: settings.file ?? 'eddy' };
  const use: ConfigNode = { kind: 'scalar', value: settings.defaultEngine, origin };
  return withNode(result, ['engine', 'use'], use, origin) as MapNode;
}

function declaredPlugins(tree: MapNode): DeclaredPlugins[] {
  const list = child(tree, 'plugins');
  if (list?.kind !== 'list') return [];
  return list.items.flatMap((item, i) =>
    item.kind === 'scalar' && typeof item.value === 'string'
      ? [{ specifier: item.value, origin: item.origin, path: ['plugins', i] }]
      : [],
  );
}

function originOf(tree: MapNode, parts: readonly ResolvedPart[], path: Path): Origin {
  const node = nodeAt(tree, path);
  if (node !== undefined) return node.origin;
  const parent = nodeAt(tree, path.slice(0, -1));
  // The short form `optimizer: adamw` is the origin of `use`.
  if (path.at(-1) === 'use' && parent?.kind === 'scalar') return parent.origin;
  if (path.at(-1) === 'use' && path.length === 2) return keyOriginNear(tree, path.slice(0, 1));
  // Which plugin it is was decided around the part, everything else inside it.
  const inside = formatPath(path.at(-1) === 'use' ? path.slice(0, -1) : path);
  const owner = parts
    .filter((part) => inside.startsWith(`${formatPath(part.path)}.`))
    .reduce<ResolvedPart | undefined>(
      (best, part) => (best === undefined || part.path.length > best.path.length ? part : best),
      undefined,
    );
  const of = owner === undefined ? 'eddy' : `${owner.kind} ${owner.reference.use}`;
  return { kind: 'default', of };
}

/** `baseFolder` for a copy of the config at `copy`. */
export function relocated(pipeline: ResolvedPipeline, copyFolder: string): string {
  const path = relative(copyFolder, pipeline.folder);
  return isInside(pipeline.projectRoot, copyFolder) ? path : pipeline.folder;
}
