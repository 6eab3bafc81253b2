/** Keeps the update of a step whose loss or gradients are not finite out of the state. */
import { cast, tensor, where, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';

import { type TensorTree, mapTree } from '@eddy/tensor';
import { allFinite } from './metrics.ts';
import type { TrainingParts } from './parts.ts';

export interface StepGuard {
  /** `updated`; `before` where the step is skipped. */
  readonly update: (updated: Tensor, before: Tensor) => Tensor;
  /** The carry that the step made; with every slot free where the step is skipped. */
  readonly carry: (made: TensorTree) => TensorTree;
}

/** @param batch  of all rows of the step, so that every device decides the same. */
export function stepGuard(
  { model, nonFinite }: TrainingParts,
  batch: { readonly sums: Tensor1D; readonly gradients: TensorTree; readonly rows: TensorTree },
): StepGuard {
  if (nonFinite !== 'skip') return { update: (updated) => updated, carry: (made) => made };
  const isGood = allFinite(batch.sums, batch.gradients, batch.rows);
  // Free slots are alike: one is broadcast to as many as this device has.
  const free = mapTree(model.initialCarry(1), ({ data, shape, dtype }) =>
    tensor(data, [...shape], dtype),
  );
  return {
    update: (updated, before) => choose(isGood, updated, before),
    carry: (made) => mapTree(made, (value, name) => choose(isGood, value, free[name]!)),
  };
}

/** TF.js's wasm kernel moves words of four bytes: a choice among booleans is made in int32. */
function choose(condition: Tensor, a: Tensor, b: Tensor): Tensor {
  if (a.dtype !== 'bool') return where(condition, a, b);
  return cast(where(condition, cast(a, 'int32'), cast(b, 'int32')), 'bool');
}
