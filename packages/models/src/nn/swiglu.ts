// Shape suffixes: N = vectors, C = their length, G = gate and up together (2·inner), I = inner.
import { bfloat16 } from '@eddy/core';
import { add, concat, mul, sigmoid, split, sub, type Tensor } from '@tensorflow/tfjs-core';

import { linear, linearOverRows } from './linear.ts';
import { withGradient } from './with-gradient.ts';

/**
 * Inner width of a SwiGLU: two thirds of expansion × width, up to the next multiple of 256.
 *
 * @reference models/layers.py `SwiGLU.__init__`
 */
export function swigluWidth(width: number, expansion: number): number {
  return 256 * Math.ceil(Math.round((expansion * width * 2) / 3) / 256);
}

/**
 *   y = (silu(x·W_gate) ∘ x·W_up) · W_down
 *
 * @param gateUp_CG  the gate's columns first, then up's.
 * @source Shazeer 2020, arXiv:2002.05202
 * @reference models/layers.py `SwiGLU`
 */
export function swiglu(x_NC: Tensor, gateUp_CG: Tensor, down_IC: Tensor): Tensor {
  const gateUp_NG = bfloat16(linear(x_NC, gateUp_CG));
  return bfloat16(linear(siluGate(gateUp_NG, 1), down_IC));
}

/** The same along the first axis (token mixing): every column of x is one vector. */
export function swigluOverRows(x_CN: Tensor, gateUp_GC: Tensor, down_CI: Tensor): Tensor {
  const gateUp_GN = bfloat16(linearOverRows(gateUp_GC, x_CN));
  return bfloat16(linearOverRows(down_CI, siluGate(gateUp_GN, 0)));
}

/**
 *   y = silu(gate) ∘ up, silu(g) = g·sigmoid(g)
 *
 * The gradient recomputes the sigmoid, so that only the input is kept for it.
 *
 * @param gateUp  gate and up, one after the other along `axis`.
 */
function siluGate(gateUp: Tensor, axis: number): Tensor {
  return withGradient(gateUp, (input) => {
    const [gate, up] = split(input, 2, axis) as [Tensor, Tensor];
    return {
      value: bfloat16(mul(mul(gate, sigmoid(gate)), up)),
      saved: [input],
      gradient: (dy, [kept]) => {
        const [g, u] = split(kept!, 2, axis) as [Tensor, Tensor];
        const s = sigmoid(g);
        const silu = mul(g, s);
        // silu' = s + g·s·(1 − s)
        const slope = add(s, mul(silu, sub(1, s)));
        return concat([mul(mul(dy, u), slope), mul(dy, silu)], axis);
      },
    };
  });
}
