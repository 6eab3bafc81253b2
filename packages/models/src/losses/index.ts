/** Losses with stated gradients, and the loss of models with adaptive computation time. */
export {
  actLoss,
  IGNORED_LABEL,
  type ActLoss,
  type ActLossArguments,
  type LossName,
} from './act-loss.ts';
export { binaryCrossEntropyWithLogits } from './binary-cross-entropy.ts';
export { softmaxCrossEntropy } from './softmax.ts';
export { stablemaxCrossEntropy } from './stablemax.ts';
export type { TokenLoss } from './token-loss.ts';
