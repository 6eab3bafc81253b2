/** Makes the services that each stage of a run is given. */
import { join } from 'node:path';

import type { ResolvedPart } from '../schema/validate.ts';
import { codeOf } from '../plugin/package-code.ts';
import { callHook } from '../plugin/hook.ts';
import { optionsOf } from '../plugin/part-reference.ts';
import { formatPath } from '../config/config-node.ts';
import { describedMetrics } from '../schema/described-metrics.ts';
import type { ResolvedPipeline } from '../schema/resolve-config.ts';
import type { PluginContainer } from '../plugin/container.ts';
import type {
  EventBus,
  KeyFacts,
  StageServices,
  StageView,
  StopSignal,
} from '../contracts/services.ts';
import { artifactKey, type KeyInputs } from './artifact-key.ts';
import { isAskedFor, type AskedValue } from './asked-values.ts';
import { changedOptions } from './changed-inputs.ts';
import { FileArtifactStore } from './artifact-store.ts';
import type { EngineHolder } from './engine-holder.ts';

export interface RunContext {
  readonly pipeline: ResolvedPipeline;
  readonly container: PluginContainer;
  readonly bus: EventBus;
  readonly stop: StopSignal;
  readonly engines: EngineHolder;
  readonly runFolder: string;
  readonly planOnly: boolean;
  readonly allowOtherModel?: boolean;
  readonly allowOtherPlugins?: boolean;
  readonly allowOtherOptions?: boolean;
  /** The values that this run was given when it went on from another one. */
  readonly asked?: readonly AskedValue[] | undefined;
  /** Results of stages that are looked at before those of the cache: `<folder>/<stage>/<key>`. */
  readonly moreArtifacts?: string | undefined;
  /** Filled in when the stages are ordered, before any of them runs. */
  readonly forced: ReadonlySet<string>;
  /** Stages before the one that the user begins with, filled in with `forced`. */
  readonly given?: ReadonlySet<string>;
  readonly stages: readonly StageView[];
}

/** Below the cache folder. */
export function artifactsRoot(cacheFolder: string): string {
  return join(cacheFolder, 'artifacts');
}

/** What each key was made from, shared by the stages of a run. */
export type KeyLog = Map<string, KeyInputs>;

export function stageServices(name: string, context: RunContext, keys: KeyLog): StageServices {
  const { pipeline, bus, engines, forced } = context;
  // Emitted with the stage's name, so that the progress display can place them.
  const notify = (level: 'info' | 'warning', text: string) =>
    bus.emit({ type: 'message', level, text, stage: name });
  const services: StageServices = {
    name,
    bus,
    parts: context.container.with({ notify }),
    artifacts: new FileArtifactStore({
      root: artifactsRoot(pipeline.settings.cacheFolder),
      more: context.moreArtifacts,
      isForced: (stage) => forced.has(stage),
      inputsOf: (key) => keys.get(key),
      onReuse: (stage, key, path, madeBy) =>
        bus.emit({ type: 'stage-reused', stage, key, path, ...(madeBy && { madeBy }) }),
      onUnusable: (stage, problem) =>
        bus.emit({ type: 'message', level: 'warning', text: notReused(stage, problem), stage }),
    }),
    stop: context.stop,
    engine: () => engines.get(),
    restartEngine: () => engines.restart(),
    artifactKey: (inputKeys, facts) => {
      const inputs = keyInputs(pipeline, name, inputKeys, facts);
      const key = artifactKey(inputs);
      keys.set(key, inputs);
      return key;
    },
    madeFrom: (key) => keys.get(key),
    changedOptions: (before, key) =>
      changedOptions(before, keys.get(key))
        .filter((change) => change.before !== undefined || isWritten(change.path, pipeline))
        .map(({ before: old = 'absent', now = 'absent', path }) => {
          const isAsked = isAskedFor(path, pipeline.value, context.asked ?? []);
          return { path, before: old, now, isAsked };
        }),
    stages: () => context.stages,
    runFolder: context.runFolder,
    metrics: describedMetrics(pipeline.parts),
    allowOtherModel: context.allowOtherModel === true,
    allowOtherPlugins: context.allowOtherPlugins === true,
    allowOtherOptions: context.allowOtherOptions === true,
    planOnly: context.planOnly,
    reusesTraining: pipeline.settings.reuseTraining !== false,
    get isGiven() {
      return context.given?.has(name) === true;
    },
    ...expectedDevices(pipeline),
  };
  return services;
}

function expectedDevices({ parts }: ResolvedPipeline): Pick<StageServices, 'expectedDevices'> {
  const engine = parts.find(({ kind }) => kind === 'engine');
  if (engine === undefined) return {};
  const { entry, plugin, reference } = engine;
  const devices = callHook(entry, 'devices', () => plugin.devices?.(optionsOf(reference)));
  return devices === undefined ? {} : { expectedDevices: devices };
}

/** An option of a newer version, which nobody has set, is no difference: its default is what was before. */
function isWritten(path: string, { originOf }: ResolvedPipeline): boolean {
  return originOf(path.split('.')).kind !== 'default';
}

/** The warning about a kept result that cannot be used. */
function notReused(stage: string, problem: string): string {
  return `stage ${stage} was done before, but its result cannot be reused: ${problem}`;
}

/** Everything of the config that the result of a stage depends on. */
export function keyInputs(
  pipeline: ResolvedPipeline,
  stage: string,
  inputs: readonly string[],
  { leavingOut = [], computed = false, also = {} }: KeyFacts = {},
): KeyInputs {
  const own = pipeline.parts.filter((part) => part.path[0] === stage);
  const plugins = Object.fromEntries(
    own.map((part) => [formatPath(part.path), `${part.reference.use}@${part.entry.version}`]),
  );
  const seeded = own.some((part) => part.plugin.needs?.includes('seeds') === true);
  const reference = pipeline.stages.find(({ name }) => name === stage)?.reference;
  const config =
    reference &&
    Object.fromEntries(Object.entries(reference).filter(([key]) => !leavingOut.includes(key)));
  const others = computed ? { ...computedBy(pipeline, own), ...also } : also;
  return {
    stage,
    config,
    plugins,
    ...(seeded ? { seed: pipeline.seed } : {}),
    ...(Object.keys(others).length > 0 ? { also: others } : {}),
    inputs,
  };
}

/** The engine as the file names it, and the code of its package and of those that the stage's parts come from. */
function computedBy({ engine, parts }: ResolvedPipeline, own: readonly ResolvedPart[]) {
  const engines = parts.filter(({ kind }) => kind === 'engine');
  const local = engines.filter(({ entry }) => entry.version.startsWith('sha256:'));
  return {
    engine,
    ...(local.length > 0 && { enginePlugin: local.map(({ entry }) => entry.version) }),
    code: codeOf([...own, ...engines].map(({ entry }) => entry)),
  };
}
