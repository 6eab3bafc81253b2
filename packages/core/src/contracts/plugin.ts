/** Plugins are plain objects. Kinds are a closed union; each has a contract type. */
import type { z } from 'zod';

import type { ConfigProblem } from './config-problem.ts';
import type { DatasetShape } from './dataset.ts';
import type { MetricDescriptions } from './metric.ts';
import type { ServiceName, Services } from './services.ts';
import type { PluginContracts, PluginKind } from './kinds.ts';

/** What is known when a plugin's `check` is called. */
export interface CheckFacts {
  /** Facts of the data that need no build. */
  readonly datasetShape?: DatasetShape;
  /** What the plugins of the pipeline say of the metrics that they report. */
  readonly metrics?: MetricDescriptions;
  /** The folder that relative paths of the options start from, absolute. */
  readonly configFolder?: string;
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
   * Descriptions of the metrics that the plugin reports, by name; reports and pages show it. Metrics that the
   * contract of models names, such as `exact_accuracy`, are known without it.
   */
  readonly metrics?: MetricDescriptions;
  /**
   * Names of a model’s options with which stored weights keep their meaning when the value differs
   * from the one they were trained with, such as the number of supervision steps. Every other option
   * belongs to the identity of the weights: a difference is refused. A resumed training accepts no
   * difference at all.
   */
  readonly adjustable?: readonly string[];
  /**
   * Contracts between parts that the schema alone can't see (sequence length, vocabulary); run by
   * `validate` before anything else.
   */
  readonly check?: (config: z.output<C>, facts: CheckFacts) => readonly ConfigProblem[];
  /**
   * Returns, for a plugin that reads files, a problem for each file or folder that its options name and that is not on
   * this machine. A run is refused with them; `validate` and `plan` report them as warnings, since data may be
   * elsewhere.
   */
  readonly missingInputs?: (
    config: z.output<C>,
    facts: Required<Pick<CheckFacts, 'configFolder'>>,
  ) => readonly ConfigProblem[];
  /**
   * Returns, for an engine, the devices that the options ask for, where they tell; `validate` compares their number with
   * the batch. With `fewerDevices` a batch that they cannot share equally uses fewer.
   */
  readonly devices?: (
    config: z.output<C>,
  ) => { readonly devices: number; readonly fewerDevices?: boolean } | undefined;
  /**
   * Asks, for a logger, whether the service it sends to can be reached, in a second or two. `plan` and the start
   * of a run call it and say its problems as warnings; `validate` uses no network and does not.
   */
  readonly reach?: (config: z.output<C>, signal: AbortSignal) => Promise<readonly ConfigProblem[]>;
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
