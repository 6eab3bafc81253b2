// Shape suffixes: L = positions, B = batch, D = hidden size.
/** The usual inside of a recursion: cycles of which only the last has a gradient. */
import { bfloat16, noGradient, repeat } from '@eddy/tensor';
import { add, type Tensor } from '@tensorflow/tfjs-core';

import type { Latents } from './contract.ts';
import { requireLatents, requireShape } from './requirements.ts';

/** Applies `f` to its own result `times` times. */
export type Again = (times: number, z: Tensor, f: (z: Tensor) => Tensor) => Tensor;

/**
 * Applies `cycle` to its own result `times` times, with gradient through the last application only:
 *
 *   (times − 1) × latents ← cycle(latents), without gradient; then latents ← cycle(latents)
 *
 * In a compiled program the cycles without gradient are one loop, so its size does not grow with
 * `times`; nor does the memory of the backward pass.
 *
 * @param cycle  must return every latent in its shape. Where it repeats an update it should use its
 *   second argument, `again`, which is such a loop in the cycles without gradient.
 * @throws MODEL_PART_INVALID if a cycle leaves out a latent or changes its shape.
 * @source arXiv:2510.04871, figure 3 (`deep_recursion`)
 *
 * @example z_L is renewed six times with the input, then z_H once, as in TRM:
 * cycles(3, { z_H, z_L }, ({ z_H, z_L }, again) => {
 *   const injected = addLatents(z_H, x_LBD);
 *   const thought = again(6, z_L, (z) => f(addLatents(z, injected)));
 *   return { z_H: f(addLatents(z_H, thought)), z_L: thought };
 * });
 */
export function cycles<N extends string>(
  times: number,
  latents: Latents<N>,
  cycle: (latents: Latents<N>, again: Again) => Latents<NoInfer<N>>,
): Latents<N> {
  const names = Object.keys(latents) as N[];
  const inOrder = (named: Latents<N>) => names.map((name) => named[name]);
  const apply = (state: Tensor[], again: Again): Tensor[] => {
    const before = byName(names, state);
    const after = cycle(before, again);
    requireLatents('cycles', before, after);
    return inOrder(after);
  };
  let state = inOrder(latents).map((z) => bfloat16(z));
  if (times > 1) {
    state = noGradient(state, (start) => repeat(times - 1, start, (now) => apply(now, inLoop)));
  }
  return byName(names, apply(state, onTape));
}

const inLoop: Again = (times, z, f) => repeat(times, [z], ([now]) => [renewed(now!, f)])[0]!;

const onTape: Again = (times, z, f) => {
  let now = z;
  for (let i = 0; i < times; i++) now = renewed(now, f);
  return now;
};

function renewed(z: Tensor, f: (z: Tensor) => Tensor): Tensor {
  const next = f(z);
  requireShape('cycles: again', next, z.shape);
  return next;
}

/**
 * Adds latents (and the input) up: z₁ + z₂ + …, each partial sum stored in bfloat16 under mixed
 * precision, as a sum of bfloat16 tensors in PyTorch.
 */
export function addLatents(first: Tensor, ...others: readonly Tensor[]): Tensor {
  return others.reduce((sum, z) => bfloat16(add(sum, z)), first);
}

function byName<N extends string>(names: readonly N[], tensors: readonly Tensor[]): Latents<N> {
  return Object.fromEntries(names.map((name, i) => [name, tensors[i]!])) as Latents<N>;
}
