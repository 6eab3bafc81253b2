// Shape suffixes: N = vectors, C = their length, I = inner width.
import { bfloat16 } from '@eddy/core';
import { add, mul, neg, sigmoid, sub, type Tensor } from '@tensorflow/tfjs-core';

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
 * Weights [C, I], [C, I], [I, C] of a SwiGLU over the last axis; over the first axis, their
 * transposes.
 */
export interface SwigluWeights {
  readonly gate: Tensor;
  readonly up: Tensor;
  readonly down: Tensor;
}

/**
 *   y = (silu(x·W_gate) ∘ x·W_up) · W_down
 *
 * Gate and up are two products: cutting one result in two, and joining its gradient, would pass over
 * the widest activations of the network once more.
 *
 * @source Shazeer 2020, arXiv:2002.05202
 * @reference models/layers.py `SwiGLU`
 */
export function swiglu(x_NC: Tensor, { gate, up, down }: SwigluWeights): Tensor {
  const inner_NI = siluGate(bfloat16(linear(x_NC, gate)), bfloat16(linear(x_NC, up)));
  return bfloat16(linear(inner_NI, down));
}

/** The same along the first axis (token mixing): every column of x is one vector. */
export function swigluOverRows(x_CN: Tensor, { gate, up, down }: SwigluWeights): Tensor {
  const gate_IN = bfloat16(linearOverRows(gate, x_CN));
  const up_IN = bfloat16(linearOverRows(up, x_CN));
  return bfloat16(linearOverRows(down, siluGate(gate_IN, up_IN)));
}

/**
 *   y = silu(gate) ∘ up, silu(g) = g·sigmoid(g), silu′ = s·(1 + g·r) with s = 1 − r, r = sigmoid(−g)
 *
 * Rounded twice, as the reference's two operations are. Gate, up and silu(gate) are kept for the gradient,
 * which takes the sigmoid of −g: of g it would be the forward pass's own, which the compiler would keep in
 * float32 from there to here.
 */
function siluGate(gate: Tensor, up: Tensor): Tensor {
  return withGradient([gate, up], (g, u) => {
    const silu = bfloat16(mul(g, sigmoid(g)));
    return {
      value: bfloat16(mul(silu, u)),
      saved: [g, u, silu],
      gradient: (dy, saved) => {
        const [keptGate, keptUp, keptSilu] = saved as [Tensor, Tensor, Tensor];
        const d = bfloat16(dy);
        const r = sigmoid(neg(keptGate));
        const slope = mul(sub(1, r), add(1, mul(keptGate, r)));
        return [mul(mul(d, keptUp), slope), mul(d, keptSilu)];
      },
    };
  });
}
