/** Metrics of a step: packed into one small vector on the device, normalised on the host. */
import {
  add,
  all,
  cast,
  concat1d,
  fill,
  isFinite as isFiniteTensor,
  min,
  reshape,
  scalar,
  slice,
  sqrt,
  square,
  sum,
  tensor1d,
  where,
  type Scalar,
  type Tensor,
  type Tensor1D,
} from '@tensorflow/tfjs-core';

import type { TensorTree } from '@eddy/tensor';
import type { Model, StepResult } from '../../contracts/model.ts';
import { trainedParameters, trainedTables } from './frozen.ts';
import type { TrainingParts } from './parts.ts';

/** Sums over the global batch, as the device gave them. */
export interface StepSums {
  readonly loss: number;
  /** L2 norm of the gradient of all trained parameters, of the loss divided by the global batch size. */
  readonly gradNorm: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** The first of loss, gradients/…, rows/… that is not finite. */
  readonly firstBadTensor?: string;
}

/** [loss, …metrics] of a batch: what micro-batches add up. */
export function packSums(model: Model, result: StepResult): Tensor1D {
  const metrics = Object.keys(model.metrics).map((name) => result.metrics[name]!);
  return vectorOf([result.loss, ...metrics]);
}

/** Length of `packSums`. */
export function packedLength(model: Model): number {
  return 1 + Object.keys(model.metrics).length;
}

/**
 * [index of the first tensor that is not finite, ‖gradients‖, …sums]; the index counts the loss, then
 * the gradients, then the rows, and is their number when all is well.
 */
export function packReport(sums: Tensor1D, gradients: TensorTree, rows: TensorTree): Tensor1D {
  const gradientSquares = squaresOf(gradients);
  const checked = checkedValues(sums, [...gradientSquares, ...squaresOf(rows)]);
  const count = checked.size;
  const positions = tensor1d(Array.from({ length: count }, (_, i) => i));
  const bad = min(where(isFiniteTensor(checked), fill([count], count), positions));
  const norm = sqrt(gradientSquares.reduce((a, b) => add(a, b), scalar(0)));
  return concat1d([vectorOf([bad, norm]), sums]);
}

/** Whether all is well by what `packReport` checks: bool []. */
export function allFinite(sums: Tensor1D, gradients: TensorTree, rows: TensorTree): Scalar {
  const squares = [...squaresOf(gradients), ...squaresOf(rows)];
  return all<Scalar>(isFiniteTensor(checkedValues(sums, squares)));
}

/** One value for each tensor, finite where the tensor is and doesn't overflow. */
function checkedValues(sums: Tensor1D, squares: readonly Scalar[]): Tensor1D {
  const loss = slice(sums, [0], [1]);
  return concat1d([loss, vectorOf(squares)]);
}

function squaresOf(tree: TensorTree): Scalar[] {
  return Object.values(tree).map((g) => sum<Scalar>(square(g)));
}

/** Names of what `packReport` checks, in its order. */
function checkedTensors(parts: TrainingParts): string[] {
  return [
    'loss',
    ...Object.keys(trainedParameters(parts)).map((name) => `gradients/${name}`),
    ...Object.keys(trainedTables(parts)).map((name) => `rows/${name}`),
  ];
}

/** Reads what `packReport` packed. */
export function unpackReport(parts: TrainingParts, packed: ArrayLike<number>): StepSums {
  const firstBadTensor = checkedTensors(parts)[packed[0]!];
  const names = Object.keys(parts.model.metrics);
  return {
    gradNorm: packed[1]!,
    loss: packed[2]!,
    metrics: Object.fromEntries(names.map((name, i) => [name, packed[3 + i]!])),
    ...(firstBadTensor === undefined ? {} : { firstBadTensor }),
  };
}

/**
 * Training metrics as the reference reports them: losses per row of the global batch, the others per
 * row that halted in this step (0 when none did); `count` becomes 0 or 1.
 *
 * @reference SamsungSAILMontreal/TinyRecursiveModels@e7b6871 pretrain.py `train_batch`
 */
export function trainingMetrics(
  model: Model,
  sums: Readonly<Record<string, number>>,
  globalBatchSize: number,
): Record<string, number> {
  // A model that does not count its rows has all of them answer in every step.
  const halted = Math.max(sums['count'] ?? globalBatchSize, 1);
  return Object.fromEntries(
    Object.entries(model.metrics).map(([name, kind]) => [
      name,
      sums[name]! / (kind === 'per-row' ? globalBatchSize : halted),
    ]),
  );
}

/**
 * Evaluation metrics as the reference reports them: every sum, losses included, divided by the number
 * of rows that have labels. Empty when there are none.
 *
 * @param examples  what a model without the metric `count` is divided by.
 * @reference SamsungSAILMontreal/TinyRecursiveModels@e7b6871 pretrain.py `evaluate`
 */
export function evaluationMetrics(
  model: Model,
  sums: Readonly<Record<string, number>>,
  examples: number,
): Record<string, number> {
  const count = sums['count'] ?? examples;
  if (count === 0) return {};
  return Object.fromEntries(
    Object.entries(model.metrics)
      .filter(([, kind]) => kind !== 'count')
      .map(([name]) => [name, sums[name]! / count]),
  );
}

function vectorOf(scalars: readonly Tensor[]): Tensor1D {
  return concat1d(scalars.map((value) => reshape(cast(value, 'float32'), [1])));
}
