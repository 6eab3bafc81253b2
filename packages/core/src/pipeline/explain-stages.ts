/** Why a stage's result would be reused or made anew: `pipeline why`. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { resolveConfig } from '../schema/resolve-config.ts';
import type { Settings } from '../config/settings.ts';
import type { Artifact, ReferredResult, Stage } from '../contracts/stage.ts';
import type { MadeBy, Usable } from '../contracts/usable.ts';
import type { BuiltinPackages } from '../plugin/registry.ts';
import { createEventBus } from '../run/event-bus.ts';
import { isKept } from '../stages/kept-stage.ts';
import { artifactKey, type KeyInputs } from './artifact-key.ts';
import { changedInputs } from './changed-inputs.ts';
import { stageFailed } from './errors.ts';
import { lastResults, type LastResult } from './last-results.ts';
import { openStages } from './open-stages.ts';
import { providerOf, type NamedStage } from './order-stages.ts';
import { withOpenPipeline } from './open-pipeline.ts';
import { artifactsRoot, keyInputs, type KeyLog } from './stage-services.ts';

export interface StageExplanation {
  readonly stage: string;
  /** Kinds of artifact that it makes. */
  readonly provides: readonly string[];
  readonly verdict:
    /** The result is there. */
    | 'reused'
    /** This pipeline has no result of this stage that could be compared. */
    | 'first'
    /** This pipeline's last result was made from other inputs. */
    | 'changed'
    /** It was made from the same inputs, and is not there any more; `problem` says why, where that is known. */
    | 'lost'
    /** Depends on the result of a stage before it that is not there. */
    | 'unknown'
    /** Keeps nothing in the cache. */
    | 'uncached';
  readonly key?: string;
  /** `dataset.size: 100 → 200`: against the last result of this pipeline. Empty where a stage makes its own keys. */
  readonly changes: readonly string[];
  /** The run of that last result, and when it ended. */
  readonly comparedWith?: { readonly run: string; readonly finishedAt: string };
  /** The run that has the result, where one has it and not the cache. */
  readonly madeBy?: MadeBy;
  readonly problem?: string;
}

/**
 * Follows the keys of the stages through the cache, and compares what differs with the last result of this
 * pipeline: the same file, else the same name. Nothing runs, and nothing is made.
 */
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
  const before = await lastResults(settings.cacheFolder, pipeline);
  const place = { pipeline, bus: createEventBus(), runFolder: join(root, 'no-run') };
  return withOpenPipeline({ ...place, planOnly: true }, async (context) => {
    const keys: KeyLog = new Map();
    const ordered = await openStages({ ...context, planOnly: true }, {}, keys);
    const inputsOf = (stage: string) => keyInputs(pipeline, stage, []);
    return walkStages(ordered, { root, keys, before, inputsOf });
  });
}

/**
 * The stages whose results a run would take over from another run. Nothing is asked where this pipeline has never
 * run: then its data may not be here, and asking them for their fingerprint may fetch them.
 */
export async function reusableFromRuns(
  options: Parameters<typeof explainStages>[0],
): Promise<readonly (StageExplanation & { readonly madeBy: MadeBy })[]> {
  const { builtin, settings, file, overrides = [] } = options;
  const pipeline = await resolveConfig(file, overrides, { builtin, settings });
  if ((await lastResults(settings.cacheFolder, pipeline)).size === 0) return [];
  const explained = await explainStages(options);
  return explained.flatMap((one) => {
    const { madeBy } = one;
    return one.verdict === 'reused' && madeBy !== undefined ? [{ ...one, madeBy }] : [];
  });
}

/** The folders of results, what their keys were made from, and what is compared with it. */
interface Cache {
  readonly root: string;
  readonly keys: KeyLog;
  readonly before: ReadonlyMap<string, LastResult>;
  /** What the pipeline says of a stage whose inputs are not known. */
  readonly inputsOf: (stage: string) => KeyInputs;
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
  cache: Cache,
): Promise<ExplainedStage> {
  const { provides, needs } = stage;
  const facts = { stage: name, provides };
  const artifacts: Artifact[] = [];
  let found: { readonly key: string; readonly madeBy?: MadeBy } | undefined;
  for (const first of await resultsOf(stage, inputs)) {
    let result = first;
    while (isKept(result)) {
      const { key } = result;
      const path = join(cache.root, name, key);
      const usable: Usable = existsSync(path)
        ? ((await result.isUsable?.(path)) ?? {})
        : { problem: 'it is no longer in the cache' };
      if (usable.problem !== undefined) {
        const missing = explainMissing(name, key, usable.problem, existsSync(path), cache);
        return { explanation: { ...facts, key, ...missing }, artifacts: [] };
      }
      found = { key, ...(usable.madeBy && { madeBy: usable.madeBy }) };
      result = await result.read(path);
    }
    artifacts.push(result);
  }
  if (found !== undefined) {
    return { explanation: { ...facts, verdict: 'reused', ...found, changes: [] }, artifacts };
  }
  const lacksInput = needs.length > 0 && inputs.length === 0;
  const verdict = lacksInput ? 'unknown' : 'uncached';
  return { explanation: { ...facts, verdict, ...compared(name, undefined, cache) }, artifacts };
}

async function resultsOf(
  stage: Stage,
  inputs: readonly Artifact[],
): Promise<readonly (Artifact | ReferredResult)[]> {
  if (stage.resultsOf !== undefined) return inputs.length === 0 ? [] : stage.resultsOf(inputs);
  if (stage.resultOf === undefined) return [];
  const { signal } = new AbortController();
  const results: (Artifact | ReferredResult)[] = [];
  for (const input of stage.needs.length === 0 ? [undefined] : inputs) {
    results.push(await stage.resultOf(input, signal));
  }
  return results;
}

/** A key of which there is no result: compared with the last result of the pipeline. */
function explainMissing(
  stage: string,
  key: string,
  problem: string,
  isKnown: boolean,
  cache: Cache,
): Pick<StageExplanation, 'verdict' | 'changes' | 'comparedWith' | 'problem'> {
  const before = cache.before.get(stage);
  const comparison = compared(stage, key, cache);
  // Of a stage that makes its own keys it is not known what made the difference.
  const isSame = before !== undefined && artifactKey(before.inputs) === key;
  if (isKnown || isSame) return { verdict: 'lost', ...comparison, problem };
  return { verdict: before === undefined ? 'first' : 'changed', ...comparison };
}

function compared(
  stage: string,
  key: string | undefined,
  { before, keys, inputsOf }: Cache,
): Pick<StageExplanation, 'changes' | 'comparedWith'> {
  const last = before.get(stage);
  if (last === undefined) return { changes: [] };
  const { run, finishedAt, inputs } = last;
  const now = key === undefined ? undefined : keys.get(key);
  // Without a key only what the file says is known: neither the inputs nor what else a stage counts.
  const own = now ?? onlyWhatIsWritten(inputsOf(stage), inputs);
  return { changes: changedInputs(inputs, own), comparedWith: { run, finishedAt } };
}

function onlyWhatIsWritten({ inputs: _none, ...now }: KeyInputs, before: KeyInputs): KeyInputs {
  const counted = Object.keys(Object(before.config) as object);
  const config = Object.entries(Object(now.config) as object).filter(([key]) =>
    counted.includes(key),
  );
  return {
    ...now,
    config: Object.fromEntries(config),
    ...(before.also === undefined ? {} : { also: before.also }),
    inputs: before.inputs,
  };
}
