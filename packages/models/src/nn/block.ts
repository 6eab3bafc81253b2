// Shape suffixes: L = positions, B = batch, D = hidden size.
import { bfloat16 } from '@eddy/tensor';
import { add, reshape, type Tensor } from '@tensorflow/tfjs-core';

import { attention, type AttentionOptions, type AttentionWeights } from './attention.ts';
import { rmsNorm } from './rms-norm.ts';
import { swiglu, swigluOverRows, type SwigluWeights } from './swiglu.ts';

/** A block mixes positions by attention, or by a SwiGLU over the sequence. */
export type BlockWeights = { readonly mlp: SwigluWeights } & (
  | { readonly attention: AttentionWeights }
  /** Transposed: it works on the first axis. */
  | { readonly tokenMixer: SwigluWeights }
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
    const columns = reshape(x_LBD, [L, B * D]);
    const y = swigluOverRows(columns, weights.tokenMixer);
    mixed = rmsNorm(bfloat16(add(columns, y)), 0, rmsNormEpsilon);
  } else {
    const y_LBD = attention(x_LBD, weights.attention, options);
    mixed = rmsNorm(bfloat16(add(x_LBD, y_LBD)), 2, rmsNormEpsilon);
  }
  const rows = reshape(mixed, [L * B, D]);
  const y = swiglu(rows, weights.mlp);
  return reshape(rmsNorm(bfloat16(add(rows, y)), 1, rmsNormEpsilon), [L, B, D]);
}
