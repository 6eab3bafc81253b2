/** What stage plugins are given to do their work. */
import type { Observable } from 'rxjs';

import type { Engine } from './engine.ts';
import type { PluginContracts, PluginKind } from './kinds.ts';
import type { DatasetMetadata, DatasetShape } from './dataset.ts';
import type { MetricDescriptions } from './metric.ts';
import type { RunEvent, RunEventBody } from './events.ts';
import type { Usable } from './usable.ts';
import type { RandomStream } from '../random/random-stream.ts';

/** A reference to a plugin in a config: `adam-atan2` or `{ use: adam-atan2, learningRate: 1e-4 }`. */
export type PluginReference = { readonly use: string } & Readonly<Record<string, unknown>>;

export interface EventBus {
  readonly events$: Observable<RunEvent>;
  emit(event: RunEventBody): void;
  /**
   * Resolves when the events emitted so far are on the disk: what counts on them, as a checkpoint on its steps, is
   * committed after that.
   */
  recorded(): Promise<void>;
}

/** What a plugin reference stands for; see `PartFactory.describe`. */
export interface PartDescription {
  readonly use: string;
  /** Name of the package; of a local file the name of the file. */
  readonly package: string;
  /** Version of the package; `sha256:…` of a local file. */
  readonly version: string;
  /** The options that were given, with the defaults of the others. */
  readonly options: Readonly<Record<string, unknown>>;
  /** `Plugin.adjustable`. */
  readonly adjustable: readonly string[];
}

/** A stage of the pipeline as the other stages may see it. */
export interface StageView {
  /** Its key in the pipeline file. */
  readonly name: string;
  /** Its plugin and options, with defaults. */
  readonly reference: PluginReference;
  /** Kinds of artifact that it makes. */
  readonly provides: readonly string[];
  /** The plugins that its options name. */
  readonly parts: readonly {
    readonly kind: PluginKind;
    readonly reference: PluginReference;
    /** The version of the plugin's package; `sha256:…` for a local file. */
    readonly version?: string;
    /** The metrics that the plugin reports (`Plugin.metrics`). */
    readonly metrics?: MetricDescriptions;
  }[];
  /** Names of the stages whose artifacts it takes. */
  readonly takesFrom: readonly string[];
}

/** Makes the named parts of a stage's config, with what they ask for injected. */
export interface PartFactory {
  create<K extends PluginKind>(
    kind: K,
    reference: PluginReference,
    facts?: { readonly dataset?: DatasetMetadata },
  ): Promise<PluginContracts[K]>;
  /**
   * What a reference stands for, without making it: the plugin's package and version, and the options
   * with their defaults.
   */
  describe(kind: PluginKind, reference: PluginReference): Promise<PartDescription>;
}

/** Facts that the key of a result counts besides the stage's options, plugins and inputs. */
export interface KeyFacts {
  /** Options of the stage that do not decide its result. */
  readonly leavingOut?: readonly string[];
  /** True if the result also depends on the engine's options and on the code of the packages that compute it. */
  readonly computed?: boolean;
  /** Further facts that decide the result, by name; `pipeline why` shows them. */
  readonly also?: Readonly<Record<string, unknown>>;
}

/** Content-addressed folders of stage results. */
export interface ArtifactStore {
  /**
   * Returns the folder of a kept result; undefined where there is none, where the user wants it made anew, or
   * where `isUsable` finds it unusable, which is told as a warning.
   */
  find(
    stage: string,
    key: string,
    isUsable?: (path: string) => Promise<Usable>,
  ): Promise<string | undefined>;
  /** Keeps a result that was made elsewhere: `write` writes what stands for it; replaces an earlier one. */
  keep(
    stage: string,
    key: string,
    write: (folder: string, signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
  ): Promise<string>;
  /**
   * Returns the folder of `key`, or makes it: `make` writes into a temporary folder that is renamed
   * into place when it resolves, so that a folder that exists is whole.
   */
  reuseOrMake(
    stage: string,
    key: string,
    make: (folder: string, signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
  ): Promise<{ readonly path: string; readonly reused: boolean }>;
}

/** One value read between native calls by everything that runs long. */
export interface StopSignal {
  readonly requested: boolean;
  readonly signal: AbortSignal;
  /** Whether a checkpoint was asked for since the last call; work goes on after it. */
  takeSaveRequest?(): boolean;
}

/** An option that two results of a stage do not have in common; values are JSON, or `absent`. */
export interface ChangedOption {
  /** Key path in the pipeline file: `train.optimizer.learningRate`. */
  readonly path: string;
  readonly before: string;
  readonly now: string;
  /** True if the command that made this run gave the value. */
  readonly isAsked: boolean;
}

export interface StageServices {
  /** Key of this stage in the pipeline file: `train`. */
  readonly name: string;
  readonly bus: EventBus;
  readonly parts: PartFactory;
  readonly artifacts: ArtifactStore;
  readonly stop: StopSignal;
  /** Started lazily; restarted after it died. */
  engine(): Promise<Engine>;
  /** Disposes a dead engine and starts a new one. */
  restartEngine(): Promise<Engine>;
  /** hash of this stage's config with its parts' plugin versions; combined with the input keys. */
  artifactKey(inputKeys: readonly string[], facts?: KeyFacts): string;
  /** Returns the inputs of a key that this session has made, as JSON; undefined for any other key. */
  madeFrom?(key: string): unknown;
  /**
   * Returns how the options, the seed and the engine of a key are others than those of `before`, which `madeFrom` gave
   * of another one.
   */
  changedOptions?(before: unknown, key: string): readonly ChangedOption[];
  /**
   * All stages of the pipeline, this one too, in the order in which they run. Known when the stages
   * run, not when they are made.
   */
  stages(): readonly StageView[];
  readonly runFolder: string;
  /** The devices that the engine's options ask for, where they tell (`Plugin.devices`). */
  readonly expectedDevices?: { readonly devices: number; readonly fewerDevices?: boolean };
  /** What the plugins of the pipeline say of the metrics that they report. */
  readonly metrics?: MetricDescriptions;
  /** True if stored weights may be used in a model that is not the one they were trained in. */
  readonly allowOtherModel?: boolean;
  /** True if a training may go on with other plugins than those that made its state. */
  readonly allowOtherPlugins?: boolean;
  /** True if a training may go on with other options than those that made its state. */
  readonly allowOtherOptions?: boolean;
  /** False if a training that another run has finished is done again all the same. */
  readonly reusesTraining?: boolean;
  /** True if the user begins behind this stage (`--from`): it must not do its work again. */
  readonly isGiven?: boolean;
  /** Only measure and report what the work would need, then complete (`pipeline plan`). */
  readonly planOnly?: boolean;
}

/** Everything a plugin may ask for by name in `needs`; the container injects just that. */
export interface Services {
  /** Root of the run's randomness. */
  readonly seeds: RandomStream;
  /** Facts about the data known before the build. */
  readonly datasetShape: DatasetShape;
  /** Facts about the built data. */
  readonly dataset: DatasetMetadata;
  /** Folder of the run, absolute. */
  readonly runFolder: string;
  /** Folder of the pipeline file: relative paths in the config start here. */
  readonly configFolder: string;
  /** User cache folder (downloads, compiled programs, stage artifacts). */
  readonly cacheFolder: string;
  readonly offline: boolean;
  /** Says something to the user through the run's events. */
  readonly notify: (level: 'info' | 'warning', text: string) => void;
  /** Aborted when the run is asked to stop: ends long work of `create`, such as a download. */
  readonly signal: AbortSignal;
  /** Makes the named parts of the plugin's own config. */
  readonly parts: PartFactory;
  /** For stages: named parts of the config, the event bus, the artifact store. */
  readonly stage: StageServices;
}

export type ServiceName = keyof Services;
