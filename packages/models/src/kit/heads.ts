// Shape suffixes: L = positions (prefix and tokens), S = tokens, B = batch, D = hidden size,
// N = S·B, V = vocabulary.
import { bfloat16, type TensorTree } from '@eddy/tensor';
import { reshape, slice, squeeze, type Tensor } from '@tensorflow/tfjs-core';

import { linear } from '../nn/linear.ts';
import type { Readings, Readout } from './contract.ts';
import { constant, linearWeight, type Parameters } from './parameters.ts';

/** Bias of the halting head, whose weight starts at 0: no row halts until the head has learned something. */
const NOT_YET = -5;

export interface HeadsOptions {
  readonly hiddenSize: number;
  readonly vocabSize: number;
  /** Positions before the tokens, which give no logits. */
  readonly prefixLength: number;
  /** False leaves out the halting head. */
  readonly halts?: boolean;
}

/**
 * Two linear heads: logits of every token, and the halting values from position 0.
 *
 *   logits = z[prefix:]·W_lm;  (q_halt, q_continue) = z[0]·W_q + b_q
 *
 * Parameters: `lmHead` [D, V], `qHead/weight` [D, 2] of zeros, `qHead/bias` [2] of −5.
 *
 * @source arXiv:2510.04871, figure 3 (`output_head`, `Q_head`)
 * @reference models/recursive_reasoning/trm.py `lm_head`, `q_head`
 */
export class Heads implements Readout {
  readonly parameters: Parameters;
  readonly halts: boolean;
  readonly #prefixLength: number;

  constructor({ hiddenSize, vocabSize, prefixLength, halts = true }: HeadsOptions) {
    this.#prefixLength = prefixLength;
    this.halts = halts;
    const halting: Parameters = {
      'qHead/weight': {
        ...linearWeight(hiddenSize, 2, 'q_head'),
        init: { kind: 'constant', value: 0 },
      },
      'qHead/bias': {
        ...constant([2], NOT_YET),
        reference: { name: 'q_head.bias', transposed: false },
      },
    };
    this.parameters = {
      lmHead: linearWeight(hiddenSize, vocabSize, 'lm_head'),
      ...(halts ? halting : {}),
    };
  }

  read(parameters: TensorTree, z_LBD: Tensor): Readings {
    const [L, B, D] = z_LBD.shape as [number, number, number];
    const S = L - this.#prefixLength;
    const answer_ND = reshape(slice(z_LBD, [this.#prefixLength, 0, 0]), [S * B, D]);
    const logits = bfloat16(linear(answer_ND, parameters['lmHead']!));
    if (!this.halts) return { logits_SBV: reshape(logits, [S, B, logits.shape[1]!]) };

    const first_BD = reshape(slice(z_LBD, [0, 0, 0], [1, B, D]), [B, D]);
    const q_B2 = linear(first_BD, parameters['qHead/weight']!, parameters['qHead/bias']);
    return {
      logits_SBV: reshape(logits, [S, B, logits.shape[1]!]),
      halting: {
        qHalt_B: squeeze(slice(q_B2, [0, 0], [B, 1]), [1]),
        qContinue_B: squeeze(slice(q_B2, [0, 1], [B, 1]), [1]),
      },
    };
  }
}
