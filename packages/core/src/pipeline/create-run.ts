/** Makes the folder of a run, with a config of its own that runs there. */
import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';

import { printConfig } from '../config/print-config.ts';
import { sourcesToKeep, type SourcesToKeep } from '../plugin/kept-sources.ts';
import { relocated, type ResolvedPipeline } from '../schema/resolve-config.ts';
import { createRunFolder, type NewRun, type RunFolder } from '../run/run-folder.ts';
import { canonicalJson } from './artifact-key.ts';

export interface RunPlace extends Pick<NewRun, 'continues' | 'data' | 'prepare'> {
  /** Folder of all runs; `runs` by default. */
  readonly root?: string;
  /** Exact folder of this run, in place of one below `root`. */
  readonly path?: string;
  /** In place of the pipeline's. */
  readonly name?: string;
}

export async function createRun(
  pipeline: ResolvedPipeline,
  { root = 'runs', path, name = pipeline.name, ...others }: RunPlace,
): Promise<RunFolder> {
  const copyFolder = path === undefined ? join(resolve(root), 'x') : resolve(path);
  // An ablation declares other runs than this one.
  const { ablate: _other, ...value } = pipeline.value;
  return createRunFolder({
    root,
    ...(path === undefined ? {} : { path }),
    name,
    configText: printConfig(
      { ...value, name, baseFolder: relocated(pipeline, copyFolder) },
      pipeline.originOf,
    ),
    configHash: configHashOf(pipeline),
    versions: versionsOf(pipeline),
    baseFolder: pipeline.folder,
    sources: sourcesOf(pipeline),
    ...others,
  });
}

/** The files of the pipeline's local plugins, for a run to keep. */
export function sourcesOf({ pluginFolder, registry }: ResolvedPipeline): SourcesToKeep | undefined {
  return sourcesToKeep(pluginFolder, registry.sources());
}

/** Of what decides the result: not of names, loggers, other runs, or where it lies. */
export function configHashOf({ value }: ResolvedPipeline): string {
  const {
    name: _name,
    description: _text,
    loggers: _loggers,
    ablate: _other,
    baseFolder: _base,
    ...rest
  } = value;
  return createHash('sha256').update(canonicalJson(rest)).digest('hex');
}

export function versionsOf({ parts }: ResolvedPipeline): Record<string, string> {
  const packages = parts.map(({ entry }) => [entry.package, entry.version] as const);
  return { node: process.versions.node, ...Object.fromEntries(packages) };
}
