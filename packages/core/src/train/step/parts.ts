/** What a training step is made of, and how its batch is cut. */
import type { Model } from '../../contracts/model.ts';
import type { Averager, Optimizer, RowOptimizer } from '../../contracts/optimizer.ts';

/** What a training step is made of. */
export interface TrainingParts {
  readonly model: Model;
  readonly optimizer: Optimizer;
  readonly rowOptimizer?: RowOptimizer | undefined;
  readonly averager?: Averager | undefined;
  /** What keeps its values: no gradient, no slots; its average is itself. */
  readonly frozen?: FrozenNames | undefined;
  /** `stop` by default. Only `skip` changes the programs of a step. */
  readonly nonFinite?: NonFiniteAction | undefined;
}

/**
 * Says what to do when the loss or a gradient is not finite: end the run; skip the update and drop its rows;
 * or restore the last checkpoint and skip the bad step.
 */
export type NonFiniteAction = 'stop' | 'skip' | 'rollback';

export interface BatchSizes {
  readonly globalBatchSize: number;
  /** Divides globalBatchSize; equal to it when a step is one call. */
  readonly microBatchSize: number;
  /** Tokens of one example. */
  readonly seqLen: number;
  /** Activations are computed again in the backward pass, not kept: less memory, the same result. */
  readonly recompute?: boolean | undefined;
}

/** State names (`parameters/…`, `tables/…`) of what is not trained. */
export type FrozenNames = ReadonlySet<string>;
