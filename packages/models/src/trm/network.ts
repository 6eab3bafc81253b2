// Shape suffixes: L = positions (prefix and tokens), P = prefix, S = tokens, B = batch,
// D = hidden size, V = vocabulary; R = length of a puzzle's row.
import { bfloat16, noGradient, repeat, type TensorTree } from '@eddy/core';
import {
  add,
  concat,
  mul,
  pad,
  reshape,
  slice,
  squeeze,
  tensor2d,
  transpose,
  zeros,
  type Rank,
  type Tensor,
} from '@tensorflow/tfjs-core';

import { block, type BlockOptions } from '../nn/block.ts';
import { embed } from '../nn/embedding.ts';
import { castWeight, linear } from '../nn/linear.ts';
import { rotaryTables, type RotaryTables } from '../nn/rope.ts';
import { puzzlePrefix, type PuzzlePrefix, type TrmConfig } from './config.ts';
import { blockWeights, type TrmDataset } from './parameters.ts';

/** The two latents: the answer in work and the reasoning behind it. */
export interface Latents {
  readonly z_H: Tensor;
  readonly z_L: Tensor;
}

export interface Heads {
  readonly logits_SBV: Tensor;
  readonly qHalt_B: Tensor;
  readonly qContinue_B: Tensor;
}

/**
 * The recursion of TRM: one small network f, used for both latents.
 *
 *   lCycles × z_L ← f(z_L, z_H + X), then z_H ← f(z_H, z_L)
 *
 * @source arXiv:2510.04871, section 4 and figure 3
 * @reference models/recursive_reasoning/trm.py `TinyRecursiveReasoningModel_ACTV1_Inner`
 */
export class TrmNetwork {
  readonly prefix: PuzzlePrefix;
  readonly #config: TrmConfig;
  readonly #dataset: TrmDataset;
  readonly #rotary: RotaryTables | undefined;

  constructor(config: TrmConfig, dataset: TrmDataset) {
    this.#config = config;
    this.#dataset = dataset;
    this.prefix = puzzlePrefix(config);
    const headDim = config.hiddenSize / config.numHeads;
    const attends = !config.mlpT && config.positionEncoding === 'rope';
    this.#rotary = attends ? rotaryTables(this.numPositions, headDim, config.ropeTheta) : undefined;
  }

  /** Prefix and tokens. */
  get numPositions(): number {
    return this.prefix.length + this.#dataset.seqLen;
  }

  /**
   * X: the puzzle's row, then the tokens, scaled by √D.
   *
   * @param inputs_BS  int32
   * @param row_BR  the puzzles' rows; absent without a puzzle embedding.
   */
  embedInputs(parameters: TensorTree, inputs_BS: Tensor, row_BR: Tensor | undefined): Tensor {
    const [B, S] = inputs_BS.shape as [number, number];
    const { hiddenSize: D, positionEncoding } = this.#config;
    const tokens_N = reshape<Rank.R1>(transpose(inputs_BS), [S * B]);
    const embedded_ND = embed(tokens_N, parameters['embedTokens']!);
    const tokens_SBD = reshape(embedded_ND, [S, B, D]);
    let x_LBD =
      row_BR === undefined ? tokens_SBD : concat([...this.#prefixParts(row_BR), tokens_SBD], 0);
    if (positionEncoding === 'learned') {
      const positions_LD = castWeight(parameters['embedPositions']!);
      // 1/√2 keeps the variance of the sum of two embeddings.
      const sum = add(x_LBD, reshape(positions_LD, [this.numPositions, 1, D]));
      x_LBD = mul(bfloat16(sum), Math.SQRT1_2);
    }
    return bfloat16(mul(x_LBD, Math.sqrt(D)));
  }

  /**
   * All hCycles: all but the last as one piece without gradient, the last on the tape.
   *
   * @param x_LBD  of `embedInputs`.
   */
  recur(parameters: TensorTree, x_LBD: Tensor, { z_H, z_L }: Latents): Latents {
    const f = this.#reasoning(parameters);
    const { hCycles, lCycles } = this.#config;
    let latents: Tensor[] = [bfloat16(z_H), bfloat16(z_L)];
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

  /** What is read from the answer: token logits, and the two halting values from position 0. */
  heads(parameters: TensorTree, z_H_LBD: Tensor): Heads {
    const [, B, D] = z_H_LBD.shape as [number, number, number];
    const { seqLen: S, vocabSize: V } = this.#dataset;
    const answer_ND = reshape(slice(z_H_LBD, [this.prefix.length, 0, 0]), [S * B, D]);
    const logits = bfloat16(linear(answer_ND, parameters['lmHead']!));

    const first_BD = reshape(slice(z_H_LBD, [0, 0, 0], [1, B, D]), [B, D]);
    const q_B2 = linear(first_BD, parameters['qHead/weight']!, parameters['qHead/bias']);
    return {
      logits_SBV: reshape(logits, [S, B, V]),
      qHalt_B: squeeze(slice(q_B2, [0, 0], [B, 1]), [1]),
      qContinue_B: squeeze(slice(q_B2, [0, 1], [B, 1]), [1]),
    };
  }

  /** f(z, injected) = the blocks applied to z + injected. */
  #reasoning(parameters: TensorTree): (z_LBD: Tensor, injected_LBD: Tensor) => Tensor {
    const layers = blockWeights(this.#config, parameters);
    const options = this.#blockOptions();
    return (z, injected) =>
      layers.reduce((x, weights) => block(x, weights, options), bfloat16(add(z, injected)));
  }

  #blockOptions(): BlockOptions {
    const { numHeads, hiddenSize, rmsNormEpsilon } = this.#config;
    if (this.#rotary === undefined) return { numHeads, rmsNormEpsilon };
    const shape: [number, number] = [this.numPositions, hiddenSize / numHeads];
    const rotary = {
      cos_LK: tensor2d(this.#rotary.cos, shape),
      sin_LK: tensor2d(this.#rotary.sin, shape),
    };
    return { numHeads, rmsNormEpsilon, rotary };
  }

  /** The row cut into positions of D, the last filled up with zeros, then positions of zeros. */
  #prefixParts(row_BR: Tensor): Tensor[] {
    const { hiddenSize: D } = this.#config;
    const [B, R] = row_BR.shape as [number, number];
    const used = Math.ceil(R / D);
    const row = castWeight(row_BR);
    const filled =
      used * D === R
        ? row
        : pad(row, [
            [0, 0],
            [0, used * D - R],
          ]);
    const held_PBD = transpose(reshape(filled, [B, used, D]), [1, 0, 2]);
    const rest = this.prefix.length - used;
    return rest === 0 ? [held_PBD] : [held_PBD, zeros([rest, B, D])];
  }
}
