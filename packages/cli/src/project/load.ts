/** What most commands start with. */
import {
  openRegistry,
  readPipeline,
  resolveConfig,
  type PluginRegistry,
  type ResolvedPipeline,
} from '@eddy/core/run';
import { readSettings, type Settings } from '@eddy/core/config';

import { BUILTIN } from './builtin.ts';
import { findPipeline } from './find-pipeline.ts';

export interface CommonOptions {
  readonly offline?: boolean;
}

export async function loadSettings({ offline }: CommonOptions = {}): Promise<Settings> {
  const settings = await readSettings();
  return offline === true ? { ...settings, offline: true } : settings;
}

export async function loadPipeline(
  name: string,
  overrides: readonly string[],
  options: CommonOptions = {},
): Promise<ResolvedPipeline> {
  const settings = await loadSettings(options);
  return resolveConfig(findPipeline(name), overrides, { builtin: BUILTIN, settings });
}

/** A pipeline whose parts may not fit together: `checkStages` reports that with everything else. */
export async function loadUnchecked(
  name: string,
  overrides: readonly string[],
  options: CommonOptions,
): Promise<ResolvedPipeline> {
  const settings = await loadSettings(options);
  return readPipeline(findPipeline(name), overrides, { builtin: BUILTIN, settings });
}

/** The plugins of a pipeline file, or the built-in ones. */
export async function loadRegistry(file: string | undefined): Promise<PluginRegistry> {
  if (file !== undefined) return (await loadPipeline(file, [])).registry;
  const folder = process.cwd();
  // Nothing is declared here, so there is nothing that could be a problem.
  const { registry } = await openRegistry({
    builtin: BUILTIN,
    declared: [],
    folder,
    projectRoot: folder,
  });
  return registry;
}
