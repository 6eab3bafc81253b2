// Shape suffixes: L = positions, B = batch, D = hidden size, N = L·B, H = heads, K = head dim,
// A = H·K (D, or less where H does not divide it), E = 3·A (queries, keys, values);
// M = positions attended to.
import { bfloat16 } from '@eddy/core';
import {
  matMul,
  mul,
  reshape,
  softmax,
  split,
  transpose,
  type Tensor,
} from '@tensorflow/tfjs-core';

import { linear } from './linear.ts';
import { applyRotary } from './rope.ts';

export interface AttentionWeights {
  /** One product for all: heads of queries, then of keys, then of values. */
  readonly qkv_DE: Tensor;
  readonly output_AD: Tensor;
}

export interface AttentionOptions {
  readonly numHeads: number;
  readonly rotary?: { readonly cos_LK: Tensor; readonly sin_LK: Tensor };
}

/**
 * Multi-head self-attention of every position to every position, without mask.
 *
 *   y = softmax(q·kᵀ / √K)·v · W_output
 *
 * @param x_LBD  sequence first; padding is attended to, as in the reference.
 * @source Vaswani et al. 2017, arXiv:1706.03762, section 3.2
 * @reference models/layers.py `Attention`
 */
export function attention(
  x_LBD: Tensor,
  weights: AttentionWeights,
  { numHeads: H, rotary }: AttentionOptions,
): Tensor {
  const [L, B, D] = x_LBD.shape as [number, number, number];
  const K = weights.qkv_DE.shape[1]! / (3 * H);

  const qkv_NE = bfloat16(linear(reshape(x_LBD, [L * B, D]), weights.qkv_DE));
  const qkv_HBLK = transpose(reshape(qkv_NE, [L, B, 3 * H, K]), [2, 1, 0, 3]);
  const [q_HBLK, k_HBMK, v_HBMK] = splitHeads(qkv_HBLK, H, rotary);

  const scores_HBLM = mul(matMul(q_HBLK, k_HBMK, false, true), 1 / Math.sqrt(K));
  const weights_HBLM = bfloat16(softmax(scores_HBLM));
  const mixed_HBLK = bfloat16(matMul(weights_HBLM, v_HBMK));
  const mixed_NA = reshape(transpose(mixed_HBLK, [2, 1, 0, 3]), [L * B, H * K]);
  return reshape(bfloat16(linear(mixed_NA, weights.output_AD)), [L, B, D]);
}

function splitHeads(
  qkv_HBLK: Tensor,
  H: number,
  rotary: AttentionOptions['rotary'],
): [Tensor, Tensor, Tensor] {
  if (rotary === undefined) return split(qkv_HBLK, 3, 0) as [Tensor, Tensor, Tensor];
  const [qk, v] = split(qkv_HBLK, [2 * H, H], 0) as [Tensor, Tensor];
  const turned = bfloat16(applyRotary(qk, rotary.cos_LK, rotary.sin_LK));
  const [q, k] = split(turned, 2, 0) as [Tensor, Tensor];
  return [q, k, v];
}
