import type { Progress, RowOptimizer } from '@eddy/core';
import { mul, sign, sub, type Scalar, type Tensor } from '@tensorflow/tfjs-core';

import { learningRateAt, type ScheduleConfig } from '../schedule/schedule.ts';

export interface SignSgdConfig extends ScheduleConfig {
  readonly weightDecay: number;
}

/**
 * Moves each touched row by the sign of its summed gradient; untouched rows do not decay.
 *
 *   row ← row·(1 − lr·wd) − lr·sign(g),  sign(0) = 0
 *
 * @source TinyRecursiveModels models/sparse_embedding.py `CastedSparseEmbeddingSignSGD_Distributed`
 */
export class SignSgd implements RowOptimizer {
  readonly scalarNames = ['learningRate', 'decay'];
  readonly warmupSteps: number;
  readonly #config: SignSgdConfig;

  constructor(config: SignSgdConfig) {
    this.#config = config;
    this.warmupSteps = config.warmupSteps;
  }

  scalars(progress: Progress): Record<string, number> {
    const learningRate = learningRateAt(this.#config, progress);
    return { learningRate, decay: 1 - learningRate * this.#config.weightDecay };
  }

  update(args: {
    readonly rows: Tensor;
    readonly gradient: Tensor;
    readonly scalars: Record<string, Scalar>;
  }): Tensor {
    const { rows, gradient, scalars } = args;
    return sub(mul(rows, scalars['decay']!), mul(scalars['learningRate']!, sign(gradient)));
  }
}
