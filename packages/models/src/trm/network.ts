// Shape suffixes: L = positions, B = batch, D = hidden size.
import { bfloat16, noGradient, repeat, type TensorTree } from '@eddy/tensor';
import { add, type Tensor } from '@tensorflow/tfjs-core';

import type { Latents, RecurrentNetwork } from '../act/recurrent-network.ts';
import type { Declarations } from '../network/declaration.ts';
import { Level, type BlockShape } from '../network/level.ts';
import { recursionFlops } from '../tiny-recursive/flops.ts';
import type { TrmConfig } from './config.ts';

/**
 * The recursion of TRM: one small network f, used for both latents, the answer in work z_H and the
 * reasoning behind it z_L.
 *
 *   lCycles × z_L ← f(z_L, z_H + X), then z_H ← f(z_H, z_L);  f(z, injected) = blocks(z + injected)
 *
 * @source arXiv:2510.04871, section 4 and figure 3
 * @reference models/recursive_reasoning/trm.py `TinyRecursiveReasoningModel_ACTV1_Inner`
 */
export class TrmNetwork implements RecurrentNetwork {
  readonly latents = { z_H: 'H_init', z_L: 'L_init' };
  readonly answer = 'z_H';
  readonly declarations: Declarations;
  readonly #config: TrmConfig;
  readonly #level: Level;

  constructor(config: TrmConfig, blocks: BlockShape) {
    const { numLayers } = config;
    this.#config = config;
    this.#level = new Level({ name: 'layers', reference: 'L_level', numLayers, blocks });
    this.declarations = this.#level.declarations;
  }

  /** All hCycles: all but the last as one piece without gradient, the last on the tape. */
  recur(parameters: TensorTree, x_LBD: Tensor, { z_H, z_L }: Latents): Latents {
    const level = this.#level.bind(parameters);
    const f = (z: Tensor, injected: Tensor) => level(bfloat16(add(z, injected)));
    const { hCycles, lCycles } = this.#config;
    let latents: Tensor[] = [bfloat16(z_H!), bfloat16(z_L!)];
    if (hCycles > 1) {
      latents = noGradient(latents, (state) =>
        repeat(hCycles - 1, state, ([h, l]) => {
          const injected = bfloat16(add(h!, x_LBD));
          const [thought] = repeat(lCycles, [l!], ([z]) => [f(z!, injected)]);
          return [f(h!, thought!), thought!];
        }),
      );
    }
    const [h, l] = latents as [Tensor, Tensor];
    const injected = bfloat16(add(h, x_LBD));
    let thought = l;
    for (let cycle = 0; cycle < lCycles; cycle++) thought = f(thought, injected);
    return { z_H: f(h, thought), z_L: thought };
  }

  flops(batchSize: number): { forward: number; differentiated: number } {
    return recursionFlops(this.#level, this.#config, batchSize);
  }
}
