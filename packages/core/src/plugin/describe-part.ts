/** What a plugin reference stands for, without making the plugin. */
import { basename } from 'node:path';

import { z } from 'zod';

import type { PartDescription, PluginReference } from '../contracts/services.ts';
import { pluginOptionsInvalid, type PluginOrigin } from './errors.ts';
import { callHook } from './hook.ts';
import { optionsOf } from './part-reference.ts';
import type { AnyPlugin } from './plugin-shape.ts';
import type { PluginKind } from '../contracts/kinds.ts';
import type { PluginRegistry } from './registry.ts';

/**
 * The plugin's package and version, and the options with their defaults.
 *
 * @throws PLUGIN_UNKNOWN, PLUGIN_OPTIONS_INVALID, PLUGIN_HOOK_FAILED
 */
export async function describePart(
  registry: PluginRegistry,
  kind: PluginKind,
  reference: PluginReference,
): Promise<PartDescription> {
  const plugin = await registry.load(kind, reference.use);
  const entry = registry.entry(kind, reference.use);
  const isLocal = entry.version.startsWith('sha256:');
  return {
    use: reference.use,
    package: isLocal ? basename(entry.package) : entry.package,
    version: entry.version,
    options: parseOptions(plugin, entry, reference) as Record<string, unknown>,
    adjustable: plugin.adjustable ?? [],
  };
}

/** The options of a reference as the plugin's schema reads them. @throws PLUGIN_OPTIONS_INVALID */
export function parseOptions(
  plugin: AnyPlugin,
  origin: PluginOrigin,
  reference: PluginReference,
): unknown {
  const result = callHook(origin, 'config', () => plugin.config.safeParse(optionsOf(reference)));
  if (result.success) return result.data;
  const received = z.prettifyError(result.error).replace(/\s*\n\s*/g, ' ');
  throw pluginOptionsInvalid(plugin, received, result.error);
}
