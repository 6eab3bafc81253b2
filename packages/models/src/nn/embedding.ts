// Shape suffixes: N = tokens, V = vocabulary, D = hidden size.
import { cast, matMul, oneHot, type Tensor, type Tensor1D } from '@tensorflow/tfjs-core';

import { castWeight } from './linear.ts';

/**
 * Rows of a table by token: y = onehot(tokens) · table.
 *
 * A product instead of a gather: its gradient, onehotᵀ · dy, is a product too, where a gather's is a
 * scatter that the wasm backend lacks. Vocabularies here have about ten tokens, so it costs nothing.
 *
 * @param tokens_N  int32 in [0, V); a token outside gives zeros.
 */
export function embed(tokens_N: Tensor1D, table_VD: Tensor): Tensor {
  // The wasm backend writes integers whatever dtype it is asked for: hence the cast.
  return matMul(cast(oneHot(tokens_N, table_VD.shape[0]), 'float32'), castWeight(table_VD));
}
