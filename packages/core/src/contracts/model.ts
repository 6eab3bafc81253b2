/** What a model must offer to be trained and evaluated. Contracts only, no architecture. */
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';

import type { TensorTree } from '@eddy/tensor';
import type { RandomStream } from '../random/random-stream.ts';
import type { HostTree, SpecTree } from '@eddy/tensor/spec';

export type Initializer =
  | { readonly kind: 'constant'; readonly value: number }
  /** JAX's truncated normal (±2σ, variance corrected), as the reference's `trunc_normal_init_`. */
  | { readonly kind: 'truncated-normal'; readonly std: number };

export interface ParameterSpec {
  readonly shape: readonly number[];
  readonly init: Initializer;
}

/** A table of which each step touches the rows of its batch only (the puzzle embedding). */
export interface TableSpec {
  readonly rows: number;
  readonly dim: number;
  readonly init: Initializer;
}

/** Where the original PyTorch code keeps a tensor: its key in the state_dict. */
export interface ReferenceTensor {
  readonly name: string;
  /** Its matrix is ours with the axes swapped (PyTorch's Linear is [out, in]). */
  readonly transposed: boolean;
}

/** One batch as int32 tensors: inputs [B, S], labels [B, S] (−100 = not scored), puzzleIdentifiers [B]. */
export interface Batch<T = Tensor> {
  readonly inputs: T;
  readonly labels: T;
  readonly puzzleIdentifiers: T;
}

export interface StepArguments {
  readonly parameters: TensorTree;
  readonly buffers: TensorTree;
  /** Per table: the gathered rows [B, dim] that `rowIds` asked for. */
  readonly rows: TensorTree;
  /** As `admit` returned it. */
  readonly carry: TensorTree;
  /** As `noise` made it. */
  readonly noise: TensorTree;
  readonly training: boolean;
  /**
   * In evaluation: true if rows without labels, which fill up the last batch, count in losses, as the reference
   * counts them; the result then depends on the batch size. False by default.
   */
  readonly countsPadding?: boolean;
}

export interface StepResult {
  /** Summed over the batch, not divided; the trainer divides by the global batch size. */
  readonly loss: Scalar;
  /** Sums over the batch under the reference's names; see `Model.metrics`. */
  readonly metrics: Record<string, Scalar>;
  readonly carry: TensorTree;
  /**
   * `preds` int32 [B, S] is what predictions, reports and most evaluators read; `logits` [B, S, V],
   * `q_halt_logits` [B] and whatever else the model has. What one lacks is left out, or said to be missing.
   */
  readonly outputs: TensorTree;
}

export type MetricKind =
  /** Divided by `count`, the number of rows that halted in this step. */
  | 'per-halted'
  /** Divided by the global batch size. */
  | 'per-row'
  /** `count` itself. */
  | 'count';

export interface Model {
  /** Trained by the optimizer, averaged by the averager. */
  readonly parameters: Readonly<Record<string, ParameterSpec>>;
  /** Saved, not trained (H_init, L_init). */
  readonly buffers: Readonly<Record<string, ParameterSpec>>;
  /** Trained by the row optimizer. */
  readonly tables: Readonly<Record<string, TableSpec>>;
  /** Sums that a step returns. `count` is the number of rows that halted; without it every row counts in every step. */
  readonly metrics: Readonly<Record<string, MetricKind>>;
  /**
   * For reading and writing checkpoints of the original implementation, one entry for each tensor of
   * the model's state: `parameters/<n>`, `buffers/<n>`, `tables/<n>`. See `fromStateDict`.
   */
  readonly referenceTensors?: Readonly<Record<string, ReferenceTensor>>;
  /** Supervision steps until every row has halted in evaluation. */
  readonly maxSteps: number;
  /** Names that `StepResult.outputs` has. */
  readonly outputs: readonly string[];

  /** The carry of a batch: latents float32, steps int32 [B], halted bool [B], the rows in work int32. */
  carry(batchSize: number): SpecTree;
  /** A fresh carry: every slot halted, so the first `admit` fills everything. */
  initialCarry(batchSize: number): HostTree;
  /** Axis of each carry tensor along which slots (rows of the batch) lie. */
  readonly carryBatchAxis: Readonly<Record<string, number>>;
  /** Random numbers of one training step, drawn on the host (counter-based). */
  noise(batchSize: number, random: RandomStream): HostTree;
  noiseSpecs(batchSize: number): SpecTree;

  /** Halted slots restart and take their row of `batch`; the others keep theirs. No gradient. */
  admit(carry: TensorTree, batch: Batch, buffers: TensorTree): TensorTree;
  /** Per table: row ids int32 [B] of the rows in work. */
  rowIds(carry: TensorTree): Record<string, Tensor>;
  /** One supervision step; differentiated with respect to `parameters` and `rows`. */
  step(args: StepArguments): StepResult;
}
