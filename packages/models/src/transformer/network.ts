// Shape suffixes: L = positions, B = batch, D = hidden size.
import { bfloat16, type TensorTree } from '@eddy/tensor';
import { add, type Tensor } from '@tensorflow/tfjs-core';

import type { Latents, RecurrentNetwork } from '../act/recurrent-network.ts';
import type { Declarations } from '../network/declaration.ts';
import { Level, type BlockShape } from '../network/level.ts';

/**
 * A plain transformer that sees its last answer again: one pass of all blocks a supervision step.
 *
 *   z_H ← blocks(z_H + X)
 *
 * @reference models/recursive_reasoning/transformers_baseline.py `Model_ACTV2_Inner`
 */
export class TransformerNetwork implements RecurrentNetwork {
  readonly latents = { z_H: 'H_init' };
  readonly answer = 'z_H';
  readonly declarations: Declarations;
  readonly #level: Level;

  constructor(numLayers: number, blocks: BlockShape) {
    this.#level = new Level({ name: 'layers', reference: 'H_level', numLayers, blocks });
    this.declarations = this.#level.declarations;
  }

  recur(parameters: TensorTree, x_LBD: Tensor, { z_H }: Latents): Latents {
    const level = this.#level.bind(parameters);
    return { z_H: level(bfloat16(add(bfloat16(z_H!), x_LBD))) };
  }

  flops(batchSize: number): { forward: number; differentiated: number } {
    const pass = this.#level.flops(batchSize);
    return { forward: pass, differentiated: pass };
  }
}
