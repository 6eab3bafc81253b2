// Shape suffixes: V = vocabulary; the leading axes are free.
import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * A loss per token: −log p(label). What an unscored token gives is masked by the caller.
 *
 * @param logits  [..., V]
 * @param target  one-hot labels, float32 [..., V], a constant to the gradient.
 * @returns float32 [...]
 */
export type TokenLoss = (logits: Tensor, target: Tensor) => Tensor;
