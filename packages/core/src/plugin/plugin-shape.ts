/** Checks of what a module exports: its author's compiler may not have seen our types. */
import type { z } from 'zod';

import { nearest } from '../config/nearest.ts';
import { PLUGIN_KINDS, type PluginKind } from '../contracts/kinds.ts';
import type { Plugin } from '../contracts/plugin.ts';
import type { ServiceName } from '../contracts/services.ts';

/** A plugin of any kind and options. */
export type AnyPlugin = Plugin<PluginKind, z.ZodType, readonly ServiceName[]>;

export const SERVICE_NAMES: Readonly<Record<ServiceName, true>> = {
  seeds: true,
  datasetShape: true,
  dataset: true,
  runFolder: true,
  configFolder: true,
  cacheFolder: true,
  offline: true,
  notify: true,
  signal: true,
  parts: true,
  stage: true,
};

export function isPlugin(value: unknown): value is AnyPlugin {
  return faultsOfPlugin(value).length === 0;
}

/** Everything that keeps a value from being a plugin, as `received` of an error. */
export function faultsOfPlugin(value: unknown): string[] {
  if (value === null || value === undefined) return [String(value)];
  if (typeof value === 'function') {
    return [
      `${/^class\b/.test(String(value)) ? 'the class' : 'the function'} ${value.name}`.trim(),
    ];
  }
  if (typeof value !== 'object') return [`the ${typeof value} ${JSON.stringify(value)}`];
  const plugin = value as Partial<Record<keyof AnyPlugin, unknown>>;
  const { kind, name, apiVersion } = plugin;
  const isKind = PLUGIN_KINDS.includes(kind as PluginKind);
  const isName = typeof name === 'string' && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name);
  const isSchema =
    typeof (plugin.config as { safeParse?: unknown } | undefined)?.safeParse === 'function';
  return [
    ...(isKind ? [] : [kindFault(kind)]),
    ...(isName ? [] : [`name ${JSON.stringify(name)}, which is not kebab-case`]),
    ...(apiVersion === 1 ? [] : [`apiVersion ${JSON.stringify(apiVersion)}, which is not 1`]),
    ...(typeof plugin.summary === 'string' ? [] : ['no summary']),
    ...(isSchema ? [] : ['a config that is not a zod schema']),
    ...(typeof plugin.create === 'function' ? [] : ['no create function']),
    ...metricFaults(plugin.metrics),
    ...needFaults(plugin.needs),
  ];
}

function kindFault(kind: unknown): string {
  const near = typeof kind === 'string' ? nearest(kind, PLUGIN_KINDS) : undefined;
  return `kind ${JSON.stringify(kind)}${near === undefined ? `, which is not one of ${PLUGIN_KINDS.join(', ')}` : `, perhaps for "${near}"`}`;
}

function metricFaults(metrics: unknown): string[] {
  return Object.entries(Object(metrics ?? {}) as Record<string, Record<string, unknown> | null>)
    .filter(([, metric]) => {
      return typeof metric?.['label'] !== 'string' || typeof metric['explanation'] !== 'string';
    })
    .map(([name]) => `a description of the metric ${name} without label or explanation`);
}

function needFaults(needs: unknown = []): string[] {
  if (!Array.isArray(needs)) return [`needs ${JSON.stringify(needs)}, which is not a list`];
  return (needs as unknown[])
    .filter((need) => !Object.hasOwn(SERVICE_NAMES, String(need)))
    .map(
      (need) =>
        `needs ${JSON.stringify(need)}, which is not a service (${Object.keys(SERVICE_NAMES).join(', ')})`,
    );
}
