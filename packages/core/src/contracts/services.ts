/** What stage plugins are given to do their work. */
import type { Observable } from 'rxjs';

import type { Engine } from './engine.ts';
import type { PluginContracts, PluginKind } from './kinds.ts';
import type { DatasetMetadata, DatasetShape } from './dataset.ts';
import type { RunEvent, RunEventBody } from './events.ts';
import type { RandomStream } from '../random/random-stream.ts';

/** A reference to a plugin in a config: `adam-atan2` or `{ use: adam-atan2, learningRate: 1e-4 }`. */
export type PluginReference = { readonly use: string } & Readonly<Record<string, unknown>>;

export interface EventBus {
  readonly events$: Observable<RunEvent>;
  emit(event: RunEventBody): void;
}

/** Makes the named parts of a stage's config, with what they ask for injected. */
export interface PartFactory {
  create<K extends PluginKind>(
    kind: K,
    reference: PluginReference,
    facts?: { readonly dataset?: DatasetMetadata },
  ): Promise<PluginContracts[K]>;
  /** Name and version, for cache keys: `trm@0.1.0`. */
  identify(kind: PluginKind, reference: PluginReference): string;
}

/** Content-addressed folders of stage results. */
export interface ArtifactStore {
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

export interface StageServices {
  /** Key of this stage in the pipeline file: `train`. */
  readonly name: string;
  readonly bus: EventBus;
  readonly parts: PartFactory;
  readonly artifacts: ArtifactStore;
  readonly stop: StopSignal;
  /** Ignore reusable artifacts of this stage. */
  readonly force: boolean;
  /** Started lazily; restarted after it died. */
  engine(): Promise<Engine>;
  /** Disposes a dead engine and starts a new one. */
  restartEngine(reason: string): Promise<Engine>;
  /** hash of this stage's config with its parts' plugin versions; combined with the input keys. */
  artifactKey(inputKeys: readonly string[]): string;
  /** The whole composed pipeline config, read-only (for manifests). */
  readonly pipelineConfig: Readonly<Record<string, unknown>>;
  /** Options of sibling stages, where one needs another's (train reads `evaluate` to know when to call). */
  stageConfig(name: string): Readonly<Record<string, unknown>> | undefined;
  readonly runFolder: string;
  readonly resume: boolean;
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
