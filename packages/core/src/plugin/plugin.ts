/** Plugins are plain objects. Kinds are a closed union; each has a contract type. */
import type { z } from 'zod';

import type {
  Augmentation,
  DatasetMetadata,
  DatasetShape,
  DatasetSource,
  TaskAugmentation,
} from '../data/dataset.ts';
import type { Engine } from '../engine/engine.ts';
import type { Evaluator } from '../evaluate/evaluator.ts';
import type { Logger } from '../logger/logger.ts';
import type { Model } from '../model/model.ts';
import type { Averager, Optimizer, RowOptimizer } from '../optimizer/optimizer.ts';
import type { Stage } from '../pipeline/stage.ts';
import type { RandomStream } from '../random/random-stream.ts';
import type { PartFactory, StageServices } from '../run/services.ts';

/** What each kind of plugin creates. */
export interface PluginContracts {
  dataset: DatasetSource;
  augmentation: Augmentation | TaskAugmentation;
  model: Model;
  optimizer: Optimizer;
  'row-optimizer': RowOptimizer;
  averager: Averager;
  evaluator: Evaluator;
  logger: Logger;
  engine: Engine;
  stage: Stage;
}

export type PluginKind = keyof PluginContracts;

export const PLUGIN_KINDS = [
  'dataset',
  'augmentation',
  'model',
  'optimizer',
  'row-optimizer',
  'averager',
  'evaluator',
  'logger',
  'engine',
  'stage',
] as const satisfies readonly PluginKind[];

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

/** One problem found before running: a key path inside the plugin's options, and what to do. */
export interface ConfigProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly expected: string;
  readonly received: string;
  readonly fix: string;
}

export interface Plugin<
  K extends PluginKind = PluginKind,
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a plugin list holds plugins of any options type
  C extends z.ZodType = any,
  N extends readonly ServiceName[] = readonly ServiceName[],
> {
  readonly kind: K;
  /** kebab-case; unique within its kind. */
  readonly name: string;
  readonly apiVersion: 1;
  /** One line for `pipeline plugins`. */
  readonly summary: string;
  /** Options, a strict zod object with defaults and one-line `.describe()`s. */
  readonly config: C;
  readonly needs?: N;
  /**
   * Of a model: names of options with which stored weights keep their meaning when the value differs
   * from the one they were trained with, such as the number of supervision steps. Every other option
   * belongs to the identity of the weights: a difference is refused. A resumed training accepts no
   * difference at all.
   */
  readonly adjustable?: readonly string[];
  /**
   * Contracts between parts that the schema alone can't see (sequence length, vocabulary); run by
   * `validate` before anything else.
   */
  readonly check?: (
    config: z.output<C>,
    facts: { readonly datasetShape?: DatasetShape },
  ) => readonly ConfigProblem[];
  readonly create: (
    config: z.output<C>,
    services: Pick<Services, N[number]>,
  ) => PluginContracts[K] | Promise<PluginContracts[K]>;
}

/**
 * Declares a plugin: returns its argument, with the types of `config` and `needs` inferred.
 *
 * @example
 * export default definePlugin({
 *   kind: 'evaluator', name: 'first-cell', apiVersion: 1, summary: 'accuracy of the first cell',
 *   config: z.strictObject({}), create: () => new FirstCell(),
 * });
 */
export function definePlugin<
  K extends PluginKind,
  C extends z.ZodType,
  const N extends readonly ServiceName[] = readonly [],
>(plugin: Plugin<K, C, N>): Plugin<K, C, N> {
  return plugin;
}
