// Shape suffixes: L = positions, B = batch, D = hidden size, G = gate and up, I = inner width.
import { bfloat16 } from '@eddy/core';
import { add, reshape, type Tensor } from '@tensorflow/tfjs-core';

import { attention, type AttentionOptions, type AttentionWeights } from './attention.ts';
import { rmsNorm } from './rms-norm.ts';
import { swiglu, swigluOverRows } from './swiglu.ts';

/** A block mixes positions by attention, or by a SwiGLU over the sequence. */
export type BlockWeights = {
  readonly gateUp_DG: Tensor;
  readonly down_ID: Tensor;
} & (
  | { readonly attention: AttentionWeights }
  | { readonly tokenMixer: { readonly gateUp_GL: Tensor; readonly down_LI: Tensor } }
);

export interface BlockOptions extends AttentionOptions {
  readonly rmsNormEpsilon: number;
}

/**
 * Two residual sub-layers, each followed by its norm:
 *
 *   x ← norm(x + mix(x)); x ← norm(x + SwiGLU(x))
 *
 * With a token mixer the first norm runs over the sequence, not the hidden axis, as the reference
 * normalises while the tensor is transposed. Sequence first makes both mixings plain products, on
 * [L, B·D] and on [L·B, D].
 *
 * @reference models/recursive_reasoning/trm.py `TinyRecursiveReasoningModel_ACTV1Block`
 */
export function block(x_LBD: Tensor, weights: BlockWeights, options: BlockOptions): Tensor {
  const [L, B, D] = x_LBD.shape as [number, number, number];
  const { rmsNormEpsilon } = options;
  let mixed: Tensor;
  if ('tokenMixer' in weights) {
    const { gateUp_GL, down_LI } = weights.tokenMixer;
    const columns = reshape(x_LBD, [L, B * D]);
    const y = swigluOverRows(columns, gateUp_GL, down_LI);
    mixed = rmsNorm(bfloat16(add(columns, y)), 0, rmsNormEpsilon);
  } else {
    const y_LBD = attention(x_LBD, weights.attention, options);
    mixed = rmsNorm(bfloat16(add(x_LBD, y_LBD)), 2, rmsNormEpsilon);
  }
  const rows = reshape(mixed, [L * B, D]);
  const y = swiglu(rows, weights.gateUp_DG, weights.down_ID);
  return reshape(rmsNorm(bfloat16(add(rows, y)), 1, rmsNormEpsilon), [L, B, D]);
}
