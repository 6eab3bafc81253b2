/** The kinds of plugins: a closed set, each with its contract. */
import type { Augmentation, DatasetSource, TaskAugmentation } from './dataset.ts';
import type { Engine } from './engine.ts';
import type { Evaluator } from './evaluator.ts';
import type { Logger } from './logger.ts';
import type { Model } from './model.ts';
import type { Averager, Optimizer, RowOptimizer } from './optimizer.ts';
import type { Stage } from './stage.ts';

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
