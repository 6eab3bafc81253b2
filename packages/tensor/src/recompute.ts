/**
 * Recomputation (activation checkpointing): a piece of a model keeps its operands instead of everything
 * it computed, and computes the rest again when its gradient is due. A model marks the pieces, the
 * training step decides.
 *
 * @source Chen et al. 2016, arXiv:1604.06174
 */
import {
  customGrad,
  engine,
  getBackend,
  getKernel,
  zerosLike,
  type Tensor,
} from '@tensorflow/tfjs-core';

import type { TensorTree } from './program.ts';

/**
 * Kernel `EddyFence`: inputs `{ 0: …, 1: … }`, results the same, none there before all are; attrs `{ isCheap }`,
 * of `recomputeCheaply`.
 */
export const FENCE_KERNEL = 'EddyFence';

let isAskedFor = false;

/** Runs `f` with its `recomputable` pieces computed again for their gradients. */
export function recomputing<T>(f: () => T): T {
  const before = isAskedFor;
  isAskedFor = true;
  try {
    return f();
  } finally {
    isAskedFor = before;
  }
}

/**
 * y = f(x, weights), as a piece of which a backward pass may keep the operands only. Values and
 * gradients are the same either way.
 *
 * @param x  activations: kept for the backward pass. Mark pieces with small operands and large insides.
 * @param weights  what lives through the step anyway, constants too: by name, all that `f` uses, since
 *   what it closes over gets no gradient and is gone in the backward pass.
 */
export function recomputable(
  x: Tensor,
  weights: TensorTree,
  f: (x: Tensor, weights: TensorTree) => Tensor,
): Tensor {
  if (!isAskedFor) return f(x, weights);
  const names = Object.keys(weights);
  const named = (tensors: readonly Tensor[]): TensorTree =>
    Object.fromEntries(names.map((name, i) => [name, tensors[i]!]));
  return customGrad((...args) => {
    const save = args.at(-1) as unknown as (tensors: Tensor[]) => void;
    const [input, ...used] = args.slice(0, -1) as [Tensor, ...Tensor[]];
    save([input, ...used]);
    const value = f(input, named(used));
    return {
      // The tape tells tensors apart by identity: a function that returns its argument needs a new one.
      value: value === input ? value.clone() : value,
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [kept, ...keptWeights] = saved as [Tensor, ...Tensor[]];
        const [again, dyThen] = fence([kept, dy], false) as [Tensor, Tensor];
        const operands = [again, ...keptWeights];
        const gradients = onTapeOfItsOwn(() =>
          engine().gradients(() => f(again, named(keptWeights)), operands, dyThen, true),
        ).grads as (Tensor | undefined)[];
        return operands.map((operand, i) => gradients[i] ?? zerosLike(operand));
      },
    };
  })(x, ...Object.values(weights));
}

/**
 * What a gradient has kept, to compute again from it what takes a pass over these values and no product. A
 * compiler whose kernels write several results does it in the pass in which it reads them, and has less to keep;
 * for others that is dearer than keeping, and they are told that it is what the forward pass has computed.
 *
 * @param kept  what the results are computed from, as the forward pass did.
 * @param dy  a gradient, before which nothing is computed again.
 * @source Korthikanti et al. 2022, arXiv:2205.05198, section 5 (selective recomputation)
 */
export function recomputeCheaply(kept: readonly Tensor[], dy: Tensor): Tensor[] {
  return fence([...kept, dy], true).slice(0, -1);
}

/**
 * The operands as they are, but not to be had before all were computed. Without it a compiler finds
 * that the second computation equals the first and keeps the first, or starts it early.
 */
function fence(values: Tensor[], isCheap: boolean): Tensor[] {
  if ((getKernel(FENCE_KERNEL, getBackend()) as unknown) === undefined) return values;
  return engine().runKernel<Tensor[]>(FENCE_KERNEL, Object.fromEntries(values.entries()), {
    isCheap,
  });
}

/** TF.js has one tape, which the backward pass that is under way still needs. */
function onTapeOfItsOwn<T>(f: () => T): T {
  const { state } = engine();
  const { activeTape } = state;
  try {
    return f();
  } finally {
    state.activeTape = activeTape;
  }
}
