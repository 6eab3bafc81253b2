/** Why a stage's result would be reused or made anew: `pipeline why`. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { resolveConfig } from '../schema/resolve-config.ts';
import type { Settings } from '../config/settings.ts';
import type { Artifact } from '../contracts/stage.ts';
import type { BuiltinPackages } from '../plugin/registry.ts';
import { createEventBus } from '../run/event-bus.ts';
import { isKept } from '../stages/kept-stage.ts';
import type { KeyInputs } from './artifact-key.ts';
import { latestArtifact } from './artifact-store.ts';
import { stageFailed } from './errors.ts';
import { openStages } from './open-stages.ts';
import { providerOf, type NamedStage } from './order-stages.ts';
import { outsideRun } from './outside-run.ts';
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

/** Follows the keys of the stages through the cache; nothing runs, and nothing is made. */
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
  const place = { pipeline, bus: createEventBus(), runFolder: join(root, 'no-run') };
  return outsideRun({ ...place, planOnly: true }, async (context) => {
    const keys: KeyLog = new Map();
    const ordered = await openStages({ ...context, planOnly: true }, {}, keys);
    return walkStages(ordered, { root, keys });
  });
}

/** The folders of results, and what their keys were made from. */
interface Cache {
  readonly root: string;
  readonly keys: KeyLog;
}

async function walkStages(
  ordered: readonly NamedStage[],
  cache: Cache,
): Promise<StageExplanation[]> {
  const explained: StageExplanation[] = [];
  /** What each stage hands on, as far as the cache has it. */
  const outputs: (readonly Artifact[])[] = [];
  for (const [i, { name, stage }] of ordered.entries()) {
    const inputs = stage.needs.flatMap((need) => {
      const kind = typeof need === 'string' ? need : need.kind;
      return outputs[providerOf(ordered, i, need)]!.filter((artifact) => artifact.kind === kind);
    });
    const { explanation, artifacts } = await explainStage({ name, stage }, inputs, cache).catch(
      (error: unknown) => {
        throw stageFailed(name, error);
      },
    );
    explained.push(explanation);
    outputs.push(artifacts);
  }
  return explained;
}

interface ExplainedStage {
  readonly explanation: StageExplanation;
  readonly artifacts: readonly Artifact[];
}

async function explainStage(
  { name, stage }: NamedStage,
  inputs: readonly Artifact[],
  { root, keys }: Cache,
): Promise<ExplainedStage> {
  const needsNone = stage.needs.length === 0;
  const hasInput = needsNone || inputs.length > 0;
  let explanation: StageExplanation = {
    stage: name,
    verdict: hasInput ? 'uncached' : 'unknown',
    changes: [],
  };
  if (stage.resultOf === undefined) return { explanation, artifacts: [] };
  const { signal } = new AbortController();
  const artifacts: Artifact[] = [];
  for (const input of needsNone ? [undefined] : inputs) {
    let result = await stage.resultOf(input, signal);
    while (isKept(result)) {
      const { key } = result;
      const path = join(root, name, key);
      if (!existsSync(path)) {
        return { explanation: await explainMissing(name, key, { root, keys }), artifacts: [] };
      }
      explanation = { stage: name, key, verdict: 'reused', changes: [] };
      result = await result.read(path);
    }
    artifacts.push(result);
  }
  return { explanation, artifacts };
}

/** Compares a key that the cache does not have with that of the result used last. */
async function explainMissing(
  stage: string,
  key: string,
  { root, keys }: Cache,
): Promise<StageExplanation> {
  const latest = await latestArtifact(root, stage);
  const changes = changedInputs(latest?.inputs, keys.get(key));
  return { stage, key, verdict: latest === undefined ? 'first' : 'changed', changes };
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
