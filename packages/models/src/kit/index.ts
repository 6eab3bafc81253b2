/**
 * The kit for recursive models: what the models of this package are made of.
 *
 * Start with `recursiveModel` (a recursion inside TRM's other parts), `ActModel` (parts of your own) or
 * `FeedForwardModel` (one step). docs/guides/write-a-model.md has a complete example of each.
 */
// A model.
export { ActModel, type ActModelOptions, type Supervision } from './act-model.ts';
export { FeedForwardModel, type FeedForwardOptions } from './feed-forward-model.ts';
export {
  recursiveModel,
  recursiveProblems,
  type RecursiveModelOptions,
} from './recursive-model.ts';

// Its parts: contracts, and the parts of TRM.
export {
  recurrentNetwork,
  type Embedding,
  type HaltingValues,
  type Latent,
  type Latents,
  type Readings,
  type Readout,
  type RecurrentNetwork,
} from './contract.ts';
export { addLatents, cycles, type Again } from './cycles.ts';
export { Heads, type HeadsOptions } from './heads.ts';
export { InputEmbedding, PUZZLE_TABLE, type InputEmbeddingOptions } from './input-embedding.ts';
export { Level, type BlockShape, type LevelOptions } from './level.ts';
export {
  constant,
  embeddingWeight,
  linearWeight,
  rowsWeight,
  weight,
  type ParameterDeclaration,
  type Parameters,
  type TableDeclaration,
} from './parameters.ts';

// Halting, and slots of the batch.
export {
  continueTarget,
  explorationSteps,
  haltingRows,
  NO_HALTING,
  Q_HALT,
  type Halting,
  type HaltRule,
} from './halting.ts';
export { Slots, type SlotLatent, type SlotSizes } from './slots.ts';

// Options, and what cannot work together.
export {
  blockOptions,
  count,
  mixingOptions,
  numHeads,
  puzzleOptions,
  recursiveOptions,
  supervisionOptions,
  type RecursiveConfig,
} from './options.ts';
export {
  dataProblems,
  headProblems,
  prefixProblems,
  refuseProblems,
  type ShapeFacts,
} from './problems.ts';
export { headDim, NO_PREFIX, puzzlePrefix, type DatasetSizes, type PuzzlePrefix } from './sizes.ts';

// Layers and losses.
export * from '../nn/index.ts';
export * from '../losses/index.ts';

// What TF.js lacks and recursions need.
export { bfloat16, noGradient, recomputable, repeat, type TensorTree } from '@eddy/tensor';
