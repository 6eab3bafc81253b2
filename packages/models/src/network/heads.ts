// Shape suffixes: L = positions (prefix and tokens), S = tokens, B = batch, D = hidden size,
// N = S·B, V = vocabulary.
import { bfloat16, type TensorTree } from '@eddy/tensor';
import { reshape, slice, squeeze, type Tensor } from '@tensorflow/tfjs-core';

import { linear } from '../nn/linear.ts';
import { linearWeight, type Declarations } from './declaration.ts';

/** What is read from the answer: token logits, and the two halting values. */
export interface Readings {
  readonly logits_SBV: Tensor;
  readonly qHalt_B: Tensor;
  readonly qContinue_B: Tensor;
}

/** Weight 0 and bias −5: no row halts until the head has learned something. */
const NOT_YET = -5;

/**
 * Two linear heads: logits of every token, and the halting values from position 0.
 *
 * @reference models/recursive_reasoning/trm.py `lm_head`, `q_head`
 */
export class Heads {
  readonly declarations: Declarations;
  readonly #prefixLength: number;

  constructor(hiddenSize: number, vocabSize: number, prefixLength: number) {
    this.#prefixLength = prefixLength;
    this.declarations = {
      lmHead: linearWeight(hiddenSize, vocabSize, 'lm_head'),
      'qHead/weight': {
        ...linearWeight(hiddenSize, 2, 'q_head'),
        init: { kind: 'constant', value: 0 },
      },
      'qHead/bias': {
        shape: [2],
        init: { kind: 'constant', value: NOT_YET },
        reference: { name: 'q_head.bias', transposed: false },
      },
    };
  }

  read(parameters: TensorTree, z_LBD: Tensor): Readings {
    const [L, B, D] = z_LBD.shape as [number, number, number];
    const S = L - this.#prefixLength;
    const answer_ND = reshape(slice(z_LBD, [this.#prefixLength, 0, 0]), [S * B, D]);
    const logits = bfloat16(linear(answer_ND, parameters['lmHead']!));

    const first_BD = reshape(slice(z_LBD, [0, 0, 0], [1, B, D]), [B, D]);
    const q_B2 = linear(first_BD, parameters['qHead/weight']!, parameters['qHead/bias']);
    return {
      logits_SBV: reshape(logits, [S, B, logits.shape[1]!]),
      qHalt_B: squeeze(slice(q_B2, [0, 0], [B, 1]), [1]),
      qContinue_B: squeeze(slice(q_B2, [0, 1], [B, 1]), [1]),
    };
  }
}
