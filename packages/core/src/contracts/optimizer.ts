/** Update rules. Each is a pure function of tensors, called once per parameter inside the traced step. */
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';

import type { TensorTree } from '@eddy/tensor';
import type { TensorSpec } from '@eddy/tensor/spec';

/** Where training stands: step is 1 at the first update. */
export interface Progress {
  readonly step: number;
  readonly totalSteps: number;
}

/** Numbers that change from step to step (learning rate, bias corrections): inputs of the program, so that nothing recompiles. */
export interface Scheduled {
  /** Names of the scalars, fixed. */
  readonly scalarNames: readonly string[];
  /** Their values in float64; stored as float32. Must include `learningRate`. */
  scalars(progress: Progress): Record<string, number>;
  /** Steps over which the learning rate rises; `validate` warns of a run that ends before. */
  readonly warmupSteps?: number;
}

export interface Optimizer extends Scheduled {
  /** State per parameter, zero at the start: `{ m: spec, v: spec }`. */
  slots(parameter: TensorSpec): Record<string, TensorSpec>;
  update(args: {
    readonly parameter: Tensor;
    /** Mean over the global batch. */
    readonly gradient: Tensor;
    readonly slots: TensorTree;
    readonly scalars: Record<string, Scalar>;
  }): { readonly parameter: Tensor; readonly slots: TensorTree };
}

/** Updates the rows of a table that a batch touched. */
export interface RowOptimizer extends Scheduled {
  update(args: {
    /** [B, D] current rows, one per batch row (equal ids repeat). */
    readonly rows: Tensor;
    /** [B, D] gradients already summed over equal ids. */
    readonly gradient: Tensor;
    readonly scalars: Record<string, Scalar>;
  }): Tensor;
}

/** A running average of the parameters (EMA), used for evaluation. Starts as a copy. */
export interface Averager {
  update(average: Tensor, parameter: Tensor): Tensor;
}
