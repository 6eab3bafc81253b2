// Shape suffixes: L = positions, B = batch, D = hidden size.
import { bfloat16, noGradient, repeat, type TensorTree } from '@eddy/tensor';
import { add, type Tensor } from '@tensorflow/tfjs-core';

import type { Latents, RecurrentNetwork } from '../act/recurrent-network.ts';
import type { Declarations } from '../network/declaration.ts';
import { Level, type BlockShape } from '../network/level.ts';
import type { HrmConfig } from './config.ts';

/**
 * The recursion of HRM: two networks at two speeds.
 *
 *   lCycles × z_L ← f_L(z_L, z_H + X), then z_H ← f_H(z_H, z_L)
 *
 * The gradient is that of the last update of each latent alone, as at a fixed point.
 *
 * @source arXiv:2506.21734, section 2
 * @reference models/recursive_reasoning/hrm.py `HierarchicalReasoningModel_ACTV1_Inner`
 */
export class HrmNetwork implements RecurrentNetwork {
  readonly latents = { z_H: 'H_init', z_L: 'L_init' };
  readonly answer = 'z_H';
  readonly declarations: Declarations;
  readonly #config: HrmConfig;
  readonly #slow: Level;
  readonly #fast: Level;

  constructor(config: HrmConfig, blocks: BlockShape) {
    const { hLayers, lLayers } = config;
    this.#config = config;
    this.#slow = new Level({ name: 'hLayers', reference: 'H_level', numLayers: hLayers, blocks });
    this.#fast = new Level({ name: 'lLayers', reference: 'L_level', numLayers: lLayers, blocks });
    this.declarations = { ...this.#slow.declarations, ...this.#fast.declarations };
  }

  /** All updates but the last of z_L and of z_H as one piece without gradient, those two on the tape. */
  recur(parameters: TensorTree, x_LBD: Tensor, { z_H, z_L }: Latents): Latents {
    const slow = this.#slow.bind(parameters);
    const fast = this.#fast.bind(parameters);
    const fH = (z: Tensor, injected: Tensor) => slow(bfloat16(add(z, injected)));
    const fL = (z: Tensor, injected: Tensor) => fast(bfloat16(add(z, injected)));
    const think = (times: number, h: Tensor, l: Tensor): Tensor => {
      const injected = bfloat16(add(h, x_LBD));
      return repeat(times, [l], ([z]) => [fL(z!, injected)])[0]!;
    };

    const { hCycles, lCycles } = this.#config;
    let latents: Tensor[] = [bfloat16(z_H!), bfloat16(z_L!)];
    if (hCycles * lCycles > 1) {
      latents = noGradient(latents, (state) => {
        const [h, l] = repeat(hCycles - 1, state, ([answer, thought]) => {
          const next = think(lCycles, answer!, thought!);
          return [fH(answer!, next), next];
        });
        return [h!, think(lCycles - 1, h!, l!)];
      });
    }
    const [h, l] = latents as [Tensor, Tensor];
    const thought = fL(l, bfloat16(add(h, x_LBD)));
    return { z_H: fH(h, thought), z_L: thought };
  }

  flops(batchSize: number): { forward: number; differentiated: number } {
    const { hCycles, lCycles } = this.#config;
    const slow = this.#slow.flops(batchSize);
    const fast = this.#fast.flops(batchSize);
    return { forward: hCycles * (lCycles * fast + slow), differentiated: fast + slow };
  }
}
