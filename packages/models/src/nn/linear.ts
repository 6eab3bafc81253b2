// Shape suffixes: N = rows, I = input features, O = output features.
import { bfloat16 } from '@eddy/tensor';
import { add, matMul, type Tensor } from '@tensorflow/tfjs-core';

import { withGradient } from './with-gradient.ts';

/**
 * A parameter as its users see it: stored in bfloat16 where the engine's precision says so, with the
 * gradient left in float32 (uses of a weight add up their gradients unrounded).
 *
 * @reference models/layers.py `CastedLinear`: the cast at call time.
 */
export function castWeight(weight: Tensor): Tensor {
  return withGradient([weight], (w) => ({ value: bfloat16(w), gradient: (dy) => dy }));
}

/**
 *   y = x · W (+ b)
 *
 * x is marked for its gradient, dy · Wᵀ, which PyTorch writes in bfloat16 too.
 *
 * @param weight_IO  input features first: the transpose of PyTorch's layout, so that the product
 *   needs no transpose.
 */
export function linear(x_NI: Tensor, weight_IO: Tensor, bias_O?: Tensor): Tensor {
  const y_NO = matMul(bfloat16(x_NI), castWeight(weight_IO));
  return bias_O === undefined ? y_NO : add(y_NO, bias_O);
}

/**
 * The same along the first axis: y = W · x, every column of x being one vector.
 *
 * @param weight_OI  output features first, as in PyTorch.
 */
export function linearOverRows(weight_OI: Tensor, x_IN: Tensor): Tensor {
  return matMul(castWeight(weight_OI), bfloat16(x_IN));
}
