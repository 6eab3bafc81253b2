/** Checks of what a module exports: its author's compiler may not have seen our types. */
import type { z } from 'zod';

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
  return describeNonPlugin(value) === 'a plugin';
}

/** What is wrong with it, as `received` of an error. */
export function describeNonPlugin(value: unknown): string {
  if (typeof value !== 'object' || value === null)
    return `${value === null ? 'null' : typeof value}`;
  const plugin = value as Partial<Record<keyof AnyPlugin, unknown>>;
  if (!PLUGIN_KINDS.includes(plugin.kind as PluginKind))
    return `kind ${JSON.stringify(plugin.kind)}`;
  if (typeof plugin.name !== 'string' || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(plugin.name)) {
    return `name ${JSON.stringify(plugin.name)}, which is not kebab-case`;
  }
  if (plugin.apiVersion !== 1) return `apiVersion ${JSON.stringify(plugin.apiVersion)}`;
  if (typeof plugin.summary !== 'string') return 'no summary';
  if (typeof (plugin.config as { safeParse?: unknown } | undefined)?.safeParse !== 'function') {
    return 'a config that is no zod schema';
  }
  if (typeof plugin.create !== 'function') return 'no create function';
  const badMetric = Object.entries(Object(plugin.metrics ?? {}) as object).find(
    ([, { label, explanation }]: [string, Record<string, unknown>]) =>
      typeof label !== 'string' || typeof explanation !== 'string',
  );
  if (badMetric !== undefined) {
    return `a description of the metric ${badMetric[0]} without label or explanation`;
  }
  const needs: unknown = plugin.needs ?? [];
  if (!Array.isArray(needs)) return `needs ${JSON.stringify(needs)}, which is no list`;
  const unknownNeed = (needs as unknown[]).find(
    (need) => !Object.hasOwn(SERVICE_NAMES, String(need)),
  );
  return unknownNeed === undefined
    ? 'a plugin'
    : `needs ${JSON.stringify(unknownNeed)}, which is no service (${Object.keys(SERVICE_NAMES).join(', ')})`;
}
