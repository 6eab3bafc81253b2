// Shape suffixes: L = positions, B = batch, D = hidden size.
import { bfloat16, noGradient, repeat, type TensorTree } from '@eddy/tensor';
import { add, type Tensor } from '@tensorflow/tfjs-core';

import type { Latents, RecurrentNetwork } from '../act/recurrent-network.ts';
import type { Declarations } from '../network/declaration.ts';
import { Level, type BlockShape } from '../network/level.ts';
import { recursionFlops } from '../tiny-recursive/flops.ts';
import type { TrmSinglezConfig } from './config.ts';

/**
 * TRM with one latent, which is the answer and the reasoning at once:
 *
 *   lCycles × z ← f(z + X), then z ← f(z)
 *
 * It keeps the name z_L of the latent that it kept.
 *
 * @source arXiv:2510.04871, section 4.2
 * @reference models/recursive_reasoning/trm_singlez.py `TinyRecursiveReasoningModel_ACTV1_Inner`
 */
export class TrmSinglezNetwork implements RecurrentNetwork {
  readonly latents = { z_L: 'L_init' };
  readonly answer = 'z_L';
  readonly declarations: Declarations;
  readonly #config: TrmSinglezConfig;
  readonly #level: Level;

  constructor(config: TrmSinglezConfig, blocks: BlockShape) {
    const { numLayers } = config;
    this.#config = config;
    this.#level = new Level({ name: 'layers', reference: 'L_level', numLayers, blocks });
    this.declarations = this.#level.declarations;
  }

  /** All hCycles: all but the last as one piece without gradient, the last on the tape. */
  recur(parameters: TensorTree, x_LBD: Tensor, { z_L }: Latents): Latents {
    const f = this.#level.bind(parameters);
    const think = (z: Tensor) => f(bfloat16(add(z, x_LBD)));
    const { hCycles, lCycles } = this.#config;
    let z = bfloat16(z_L!);
    if (hCycles > 1) {
      const [settled] = noGradient([z], (state) =>
        repeat(hCycles - 1, state, ([start]) => {
          const [thought] = repeat(lCycles, [start!], ([latent]) => [think(latent!)]);
          return [f(thought!)];
        }),
      );
      z = settled!;
    }
    for (let cycle = 0; cycle < lCycles; cycle++) z = think(z);
    return { z_L: f(z) };
  }

  flops(batchSize: number): { forward: number; differentiated: number } {
    return recursionFlops(this.#level, this.#config, batchSize);
  }
}
