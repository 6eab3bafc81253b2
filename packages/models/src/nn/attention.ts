// Shape suffixes: L = positions, B = batch, D = hidden size, N = L·B, H = heads, K = head dim,
// A = H·K (D, or less where H does not divide it), E = 3·A (queries, keys, values);
// M = positions attended to.
import { bfloat16, composite } from '@eddy/tensor';
import {
  matMul,
  mul,
  reshape,
  softmax,
  split,
  sub,
  sum,
  transpose,
  type Tensor,
} from '@tensorflow/tfjs-core';

import { linear } from './linear.ts';
import { applyRotary } from './rope.ts';
import { withGradient } from './with-gradient.ts';

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

  const mixed_HBLK = attend(q_HBLK, k_HBMK, v_HBMK);
  const mixed_NA = reshape(transpose(mixed_HBLK, [2, 1, 0, 3]), [L * B, H * K]);
  return reshape(bfloat16(linear(mixed_NA, weights.output_AD)), [L, B, D]);
}

/**
 *   o = softmax(s)·v, s = q·kᵀ / √K
 *   dv = pᵀ·do; ds = p ∘ (dp − Σ_m dp∘p), dp = do·vᵀ; dq = ds·k / √K; dk = dsᵀ·q / √K
 *
 * Two composites, for which an engine may have a fused kernel. The gradient recomputes p from q and k,
 * as such kernels do; an engine that compiles finds it again among the values of the forward pass.
 *
 * @source Dao et al. 2022, arXiv:2205.14135, algorithm 4
 */
function attend(q_HBLK: Tensor, k_HBMK: Tensor, v_HBMK: Tensor): Tensor {
  const scale = 1 / Math.sqrt(q_HBLK.shape[3]!);
  const probabilities = (q: Tensor, k: Tensor) => softmax(mul(matMul(q, k, false, true), scale));
  return withGradient([q_HBLK, k_HBMK, v_HBMK], (...qkv) => ({
    value: composite('attention', { scale }, qkv, ([q, k, v]) => {
      const p_HBLM = bfloat16(probabilities(q!, k!));
      return [bfloat16(matMul(p_HBLM, v!))];
    })[0]!,
    saved: qkv,
    gradient: (dy, saved) =>
      composite('attentionGradient', { scale }, [...saved, dy], ([q, k, v, d]) => {
        const p_HBLM = probabilities(q!, k!);
        const do_HBLK = bfloat16(d!);
        const dv_HBMK = matMul(bfloat16(p_HBLM), do_HBLK, true, false);
        const dpTimesP = mul(bfloat16(matMul(do_HBLK, v!, false, true)), p_HBLM);
        const ds_HBLM = mul(sub(dpTimesP, mul(sum(dpTimesP, 3, true), p_HBLM)), scale);
        return [matMul(ds_HBLM, k!), matMul(ds_HBLM, q!, true, false), dv_HBMK];
      }),
  }));
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
