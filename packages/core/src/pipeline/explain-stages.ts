/** Why a stage's result would be reused or made anew: `pipeline why`. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import { lastValueFrom } from 'rxjs';

import { resolveConfig } from '../schema/resolve-config.ts';
import type { Settings } from '../config/settings.ts';
import type { BuiltinPackages } from '../plugin/registry.ts';
import { createEventBus } from '../run/event-bus.ts';
import type { ArtifactStore } from '../contracts/services.ts';
import type { KeyInputs } from './artifact-key.ts';
import { latestArtifact } from './artifact-store.ts';
import { chainStages } from './chain-stages.ts';
import { EngineHolder } from './engine-holder.ts';
import { openStages } from './open-stages.ts';
import { openContainer } from './run-pipeline.ts';
import { artifactsRoot, type KeyLog } from './stage-services.ts';

export interface StageExplanation {
  readonly stage: string;
  readonly verdict:
    /** The result is there. */
    | 'reused'
    /** No result of this stage was ever kept. */
    | 'first'
    /** Results are there, of other inputs. */
    | 'changed'
    /** Depends on the result of a stage before it that is not there. */
    | 'unknown'
    /** Keeps nothing in the cache. */
    | 'uncached';
  readonly key?: string;
  /** `dataset.size: 100 → 200`; against the result used last. Empty where a stage makes its own keys. */
  readonly changes: readonly string[];
}

/** Ends the rehearsal where real work would begin. */
class RealWork extends Error {}

/** Rehearses the stages without making anything. */
export async function explainStages(options: {
  readonly file: string;
  readonly overrides?: readonly string[];
  readonly builtin: BuiltinPackages;
  readonly settings: Settings;
}): Promise<StageExplanation[]> {
  const { builtin, settings } = options;
  const pipeline = await resolveConfig(options.file, options.overrides ?? [], {
    builtin,
    settings,
  });
  const root = artifactsRoot(settings.cacheFolder);
  const keys: KeyLog = new Map();
  const explained = new Map<string, StageExplanation>();
  const artifacts: ArtifactStore = {
    reuseOrMake: async (stage, key) => {
      const path = join(root, stage, key);
      const reused = await stat(path).catch(() => undefined);
      if (reused !== undefined) {
        explained.set(stage, { stage, key, verdict: 'reused', changes: [] });
        return { path, reused: true };
      }
      const latest = await latestArtifact(root, stage);
      const verdict = latest === undefined ? 'first' : 'changed';
      const changes = changedInputs(latest?.inputs, keys.get(key));
      explained.set(stage, { stage, key, verdict, changes });
      throw new RealWork();
    },
  };
  const bus = createEventBus();
  const runFolder = join(root, 'no-run');
  const container = await openContainer(pipeline, bus, runFolder);
  const engines = new EngineHolder(() => Promise.reject(new RealWork()));
  const stop = { requested: false, signal: new AbortController().signal };
  const base = { pipeline, container, bus, stop, engines, runFolder, artifacts };
  const ordered = await openStages({ ...base, planOnly: true }, {}, keys);
  const started = new Set<string>();
  const artifacts$ = chainStages(ordered, {
    started: (stage) => started.add(stage),
    finished: () => undefined,
  });
  await lastValueFrom(artifacts$, { defaultValue: undefined }).catch((error: unknown) => {
    if (!((error as Error).cause instanceof RealWork)) throw error;
  });
  return ordered.map(({ name: stage }): StageExplanation => {
    const known = explained.get(stage);
    if (known !== undefined) return known;
    return { stage, verdict: started.has(stage) ? 'uncached' : 'unknown', changes: [] };
  });
}

/** One line for each input that differs; none where those of one side are not known. */
export function changedInputs(
  before: KeyInputs | undefined,
  after: KeyInputs | undefined,
): string[] {
  if (before === undefined || after === undefined) return [];
  const old = flatten(before);
  const now = flatten(after);
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((path) => old.get(path) !== now.get(path))
    .map((path) => `${path}: ${old.get(path) ?? 'absent'} → ${now.get(path) ?? 'absent'}`);
}

function flatten(inputs: KeyInputs): Map<string, string> {
  const flat = new Map<string, string>();
  const add = (path: string, value: unknown): void => {
    if (typeof value !== 'object' || value === null) flat.set(path, JSON.stringify(value));
    else for (const [key, item] of Object.entries(value)) add(path ? `${path}.${key}` : key, item);
  };
  add('', inputs.config);
  add('plugin', inputs.plugins);
  if (inputs.seed !== undefined) add('seed', inputs.seed);
  inputs.inputs.forEach((key, i) => add(`input ${i + 1}`, key));
  return flat;
}
