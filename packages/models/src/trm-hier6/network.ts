// Shape suffixes: L = positions, B = batch, D = hidden size.
import { bfloat16, noGradient, repeat, type TensorTree } from '@eddy/tensor';
import { add, type Tensor } from '@tensorflow/tfjs-core';

import type { Latents, RecurrentNetwork } from '../act/recurrent-network.ts';
import type { Declarations } from '../network/declaration.ts';
import { Level, type BlockShape } from '../network/level.ts';
import { recursionFlops } from '../tiny-recursive/flops.ts';
import { NUM_LATENTS, type TrmHier6Config } from './config.ts';

const INDICES = Array.from({ length: NUM_LATENTS }, (_, i) => i + 1);

/**
 * TRM with six latents of reasoning in place of one, each renewed once a cycle:
 *
 *   for i = 1 … lCycles: z_Li ← f(Σ z_L, z_H + X), then z_H ← f(z_H, Σ z_L)
 *
 * With fewer than six cycles the latents that are never renewed stay at their start and still count
 * in the sum, as in the reference.
 *
 * @source arXiv:2510.04871, section 4.2, "multi-scale z"
 * @reference models/recursive_reasoning/trm_hier6.py `TinyRecursiveReasoningModel_ACTV1_Inner`
 */
export class TrmHier6Network implements RecurrentNetwork {
  readonly latents: Readonly<Record<string, string>> = {
    z_H: 'H_init',
    ...Object.fromEntries(INDICES.map((i) => [`z_L${i}`, `L${i}_init`])),
  };
  readonly answer = 'z_H';
  readonly declarations: Declarations;
  readonly #config: TrmHier6Config;
  readonly #level: Level;

  constructor(config: TrmHier6Config, blocks: BlockShape) {
    const { numLayers } = config;
    this.#config = config;
    this.#level = new Level({ name: 'layers', reference: 'L_level', numLayers, blocks });
    this.declarations = this.#level.declarations;
  }

  /** All hCycles: all but the last as one piece without gradient, the last on the tape. */
  recur(parameters: TensorTree, x_LBD: Tensor, latents: Latents): Latents {
    const level = this.#level.bind(parameters);
    const f = (z: Tensor, injected: Tensor) => level(bfloat16(add(z, injected)));
    const { hCycles, lCycles } = this.#config;
    const cycle = ([z_H, ...thoughts]: Tensor[]): Tensor[] => {
      const injected = bfloat16(add(z_H!, x_LBD));
      for (let i = 0; i < lCycles; i++) thoughts[i] = f(total(thoughts), injected);
      return [f(z_H!, total(thoughts)), ...thoughts];
    };
    const names = Object.keys(this.latents);
    let state = names.map((name) => bfloat16(latents[name]!));
    if (hCycles > 1) state = noGradient(state, (start) => repeat(hCycles - 1, start, cycle));
    state = cycle(state);
    return Object.fromEntries(names.map((name, i) => [name, state[i]!]));
  }

  flops(batchSize: number): { forward: number; differentiated: number } {
    return recursionFlops(this.#level, this.#config, batchSize);
  }
}

/** Rounded after each term, as a sum of bfloat16 tensors in PyTorch. */
function total([first, ...rest]: Tensor[]): Tensor {
  return rest.reduce((sum, z) => bfloat16(add(sum, z)), first!);
}
