/** What two runs, or two pipeline files, have and have not in common: `pipeline diff`. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { formatOrigin, formatPath, toPlain, type Path } from '../config/config-node.ts';
import { shown } from '../config/problem.ts';
import { readYamlFile } from '../config/read-yaml.ts';
import { resolveConfig, type ResolvedPipeline } from '../schema/resolve-config.ts';
import type { Settings } from '../config/settings.ts';
import { EddyError } from '@eddy/tensor/errors';
import type { BuiltinPackages } from '../plugin/registry.ts';
import { curvesOf, firstDifference, summaryOf, type CurveSummary } from '../run/curves.ts';
import { readJournal } from '../run/journal.ts';
import { isShare, metricDescriptionsOf } from '../run/metric.ts';
import { openRunFolder, type RunFolder } from '../run/run-folder.ts';
import { readKeyInputs } from './artifact-store.ts';
import { versionsOf } from './create-run.ts';
import { changedInputs } from './changed-inputs.ts';
import { artifactsRoot } from './stage-services.ts';

/** One thing that differs; a side is absent where it has nothing. */
export interface Difference {
  readonly what: string;
  readonly a?: string;
  readonly b?: string;
  /** Where the values were written. */
  readonly aOrigin?: string;
  readonly bOrigin?: string;
}

export interface MetricDifference {
  readonly name: string;
  /** Whether it is from 0 to 1 and shown in percent. */
  readonly isShare: boolean;
  readonly a?: CurveSummary;
  readonly b?: CurveSummary;
  /** First step with another value in each; absent when they agree wherever both have one. */
  readonly firstDifference?: number;
}

export interface RunDiff {
  readonly a: string;
  readonly b: string;
  /** Whether both are runs: a pipeline file has no data, engine or metrics yet. */
  readonly areRuns: boolean;
  readonly config: readonly Difference[];
  /** Stages whose data have other keys, and below each the inputs that made them so. */
  readonly data: readonly (Difference & { readonly inputs: readonly string[] })[];
  /** Stages with equal data, and their keys. */
  readonly sameData: Readonly<Record<string, string>>;
  readonly versions: readonly Difference[];
  readonly engine: readonly Difference[];
  /** Every metric that a run has. */
  readonly metrics: readonly MetricDifference[];
}

export interface DiffOptions {
  /** Folders of runs, or pipeline files. */
  readonly a: string;
  readonly b: string;
  readonly builtin: BuiltinPackages;
  readonly settings: Settings;
}

/** @throws RUN_NOT_FOUND, and what the config of a file that is no run has wrong */
export async function diffRuns(options: DiffOptions): Promise<RunDiff> {
  const [a, b] = [await open(options.a, options), await open(options.b, options)];
  const areRuns = a.run !== undefined && b.run !== undefined;
  return {
    a: a.path,
    b: b.path,
    areRuns,
    config: configDifferences(a, b),
    versions: differences(a.versions, b.versions),
    ...(areRuns
      ? await dataDifferences(a.run, b.run, options.settings)
      : { data: [], sameData: {} }),
    engine: areRuns ? differences(engineOf(a.run), engineOf(b.run)) : [],
    metrics: areRuns ? metricDifferences(a.run, b.run) : [],
  };
}

interface Side {
  readonly path: string;
  readonly run: RunFolder | undefined;
  /** Key path → value. */
  readonly config: ReadonlyMap<string, { readonly text: string; readonly origin?: string }>;
  readonly versions: Readonly<Record<string, string>>;
}

async function open(path: string, options: DiffOptions): Promise<Side> {
  const isFile = /\.ya?ml$/.test(path) && existsSync(path);
  const run = isFile ? undefined : await openRunFolder(path);
  const file = run?.configPath ?? path;
  try {
    const pipeline = await resolveConfig(file, [], options);
    return {
      path,
      run,
      config: flatten(pipeline.value, (at) => formatOrigin(pipeline.originOf(at), shown)),
      versions: run?.manifest.versions ?? versionsOf(pipeline),
    };
  } catch (error) {
    // The plugins of an old run may be gone; its config is resolved as it lies there.
    if (run === undefined || !(error instanceof EddyError)) throw error;
    const value = toPlain(await readYamlFile(file)) as ResolvedPipeline['value'];
    return { path, run, config: flatten(value), versions: run.manifest.versions };
  }
}

/** Not where the config lies: a copy of it in another folder says the same. */
const PLACES = new Set(['baseFolder']);

function flatten(value: unknown, originOf?: (path: Path) => string): Side['config'] {
  const flat = new Map<string, { text: string; origin?: string }>();
  const add = (path: Path, node: unknown): void => {
    if (path.length === 1 && PLACES.has(String(path[0]))) return;
    if (Array.isArray(node) && node.length > 0) {
      for (const [i, item] of node.entries()) add([...path, i], item);
    } else if (typeof node === 'object' && node !== null && Object.keys(node).length > 0) {
      for (const [key, item] of Object.entries(node)) add([...path, key], item);
    } else {
      const origin = originOf?.(path);
      const text = JSON.stringify(node) ?? 'null';
      flat.set(formatPath(path), { text, ...(origin === undefined ? {} : { origin }) });
    }
  };
  add([], value);
  return flat;
}

function configDifferences(a: Side, b: Side): Difference[] {
  const paths = [...new Set([...a.config.keys(), ...b.config.keys()])];
  return paths.flatMap((what) => {
    const [x, y] = [a.config.get(what), b.config.get(what)];
    if (x?.text === y?.text) return [];
    return [
      {
        what,
        ...(x === undefined ? {} : { a: x.text }),
        ...(y === undefined ? {} : { b: y.text }),
        ...(x?.origin === undefined ? {} : { aOrigin: x.origin }),
        ...(y?.origin === undefined ? {} : { bOrigin: y.origin }),
      },
    ];
  });
}

type Facts = Readonly<Record<string, string | undefined>>;

function differences(a: Facts, b: Facts): Difference[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((what) => {
    const [x, y] = [a[what], b[what]];
    if (x === y) return [];
    return [{ what, ...(x === undefined ? {} : { a: x }), ...(y === undefined ? {} : { b: y }) }];
  });
}

function engineOf({ manifest: { engine, host } }: RunFolder): Facts {
  return { name: engine?.name, fingerprint: engine?.fingerprint, host };
}

async function dataDifferences(
  a: RunFolder,
  b: RunFolder,
  { cacheFolder }: Settings,
): Promise<Pick<RunDiff, 'data' | 'sameData'>> {
  const [x, y] = [a.manifest.data ?? {}, b.manifest.data ?? {}];
  const keys = (data: typeof x): Facts =>
    Object.fromEntries(Object.entries(data).map(([stage, { key }]) => [stage, key]));
  const data: (Difference & { inputs: readonly string[] })[] = [];
  for (const difference of differences(keys(x), keys(y))) {
    const [before, after] = [x[difference.what], y[difference.what]];
    // A run of another machine names the cache of that machine.
    const inputsOf = async (stored: typeof before) =>
      stored &&
      ((await readKeyInputs(stored.path)) ??
        (await readKeyInputs(join(artifactsRoot(cacheFolder), difference.what, stored.key))));
    const inputs = changedInputs(await inputsOf(before), await inputsOf(after));
    data.push({ ...difference, inputs });
  }
  const same = Object.entries(x).filter(([stage, { key }]) => y[stage]?.key === key);
  return { data, sameData: Object.fromEntries(same.map(([stage, { key }]) => [stage, key])) };
}

function metricDifferences(a: RunFolder, b: RunFolder): MetricDifference[] {
  const events = ({ journalPath }: RunFolder) =>
    existsSync(journalPath) ? readJournal(journalPath) : [];
  const [eventsOfA, eventsOfB] = [events(a), events(b)];
  const described = { ...metricDescriptionsOf(eventsOfA), ...metricDescriptionsOf(eventsOfB) };
  const [x, y] = [curvesOf(eventsOfA), curvesOf(eventsOfB)];
  return [...new Set([...x.keys(), ...y.keys()])].map((name) => {
    const [first, second] = [x.get(name), y.get(name)];
    const step = first && second && firstDifference(first, second);
    return {
      name,
      isShare: isShare(name.slice(name.indexOf('/') + 1), described),
      ...(first === undefined ? {} : { a: summaryOf(name, first, described) }),
      ...(second === undefined ? {} : { b: summaryOf(name, second, described) }),
      ...(step === undefined ? {} : { firstDifference: step }),
    };
  });
}
