// Shape suffixes: N = vectors, C = their length, I = inner width.
import { bfloat16, recomputeCheaply } from '@eddy/tensor';
import { add, matMul, mul, neg, sigmoid, sub, type Tensor } from '@tensorflow/tfjs-core';

import { castWeight, linear, linearOverRows } from './linear.ts';
import { withGradient } from './with-gradient.ts';

/**
 * Inner width of a SwiGLU: two thirds of expansion × width, up to the next multiple of 256.
 *
 * @reference models/layers.py `SwiGLU.__init__`. Differs: 256 where an expansion near 0 gives no width.
 */
export function swigluWidth(width: number, expansion: number): number {
  // Halves down: beside a multiple of 256, which is even, Python's `round` does so.
  const rounded = Math.ceil((expansion * width * 2) / 3 - 0.5);
  return 256 * Math.max(1, Math.ceil(rounded / 256));
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
  const gate_NI = bfloat16(linear(x_NC, gate));
  const up_NI = bfloat16(linear(x_NC, up));
  return bfloat16(gatedProduct(gate_NI, up_NI, castWeight(down), ALONG_LAST));
}

/** The same along the first axis (token mixing): every column of x is one vector. */
export function swigluOverRows(x_CN: Tensor, { gate, up, down }: SwigluWeights): Tensor {
  const gate_IN = bfloat16(linearOverRows(gate, x_CN));
  const up_IN = bfloat16(linearOverRows(up, x_CN));
  return bfloat16(gatedProduct(gate_IN, up_IN, castWeight(down), ALONG_FIRST));
}

/** A product with a weight, and the two of its gradient. */
interface Product {
  readonly value: (x: Tensor, weight: Tensor) => Tensor;
  readonly xGradient: (dy: Tensor, weight: Tensor) => Tensor;
  readonly weightGradient: (x: Tensor, dy: Tensor) => Tensor;
}

const ALONG_LAST: Product = {
  value: (x_NI, weight_IC) => matMul(x_NI, weight_IC),
  xGradient: (dy_NC, weight_IC) => matMul(dy_NC, weight_IC, false, true),
  weightGradient: (x_NI, dy_NC) => matMul(x_NI, dy_NC, true, false),
};

const ALONG_FIRST: Product = {
  value: (x_IN, weight_CI) => matMul(weight_CI, x_IN),
  xGradient: (dy_CN, weight_CI) => matMul(weight_CI, dy_CN, true, false),
  weightGradient: (x_IN, dy_CN) => matMul(dy_CN, x_IN, false, true),
};

/**
 *   y = (silu(gate) ∘ up) · W, silu(g) = g·sigmoid(g), silu′ = s·(1 + g·r) with s = 1 − r, r = sigmoid(−g)
 *
 * Rounded twice before the product, as the reference's operations are. From gate and up the gradient computes
 * both again where that is cheaper than to keep them. silu′ takes the sigmoid of −g: of g it would be the
 * forward pass's own, which a compiler that keeps would keep in float32 from there to here.
 */
function gatedProduct(gate: Tensor, up: Tensor, weight: Tensor, product: Product): Tensor {
  return withGradient([gate, up, weight], (g, u, w) => ({
    value: product.value(gated(silu(g), u), w),
    saved: [g, u, w],
    gradient: (dy, saved) => {
      const [keptGate, keptUp, keptWeight] = saved as [Tensor, Tensor, Tensor];
      const d = bfloat16(product.xGradient(dy, keptWeight));
      const [gAgain, uAgain] = recomputeCheaply([keptGate, keptUp], d) as [Tensor, Tensor];
      const siluAgain = silu(gAgain);
      const r = sigmoid(neg(gAgain));
      const slope = mul(sub(1, r), add(1, mul(gAgain, r)));
      return [
        mul(mul(d, uAgain), slope),
        mul(d, siluAgain),
        product.weightGradient(gated(siluAgain, uAgain), dy),
      ];
    },
  }));
}

function silu(x: Tensor): Tensor {
  return bfloat16(mul(x, sigmoid(x)));
}

function gated(siluOfGate: Tensor, up: Tensor): Tensor {
  return bfloat16(mul(siluOfGate, up));
}
