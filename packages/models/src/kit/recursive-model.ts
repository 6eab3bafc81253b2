import type { ConfigProblem } from '@eddy/core';

import { ActModel } from './act-model.ts';
import type { RecurrentNetwork } from './contract.ts';
import { NO_HALTING, Q_HALT, type Halting } from './halting.ts';
import { Heads } from './heads.ts';
import { InputEmbedding } from './input-embedding.ts';
import type { BlockShape } from './level.ts';
import type { RecursiveConfig } from './options.ts';
import { dataProblems, headProblems, type ShapeFacts } from './problems.ts';
import { puzzlePrefix, type DatasetSizes, type PuzzlePrefix } from './sizes.ts';

export interface RecursiveModelOptions<N extends string> {
  /** At least the options of `recursiveOptions`. */
  readonly config: RecursiveConfig;
  readonly dataset: DatasetSizes;
  /** Makes the recursion, from the sizes that its levels need. */
  readonly network: (blocks: BlockShape) => RecurrentNetwork<N>;
  /** Positions before the tokens; by default just enough for the puzzle's vector. */
  readonly prefix?: PuzzlePrefix;
  /** `Q_HALT` by default; false for a model without a halting head. */
  readonly halting?: Halting | false;
}

/**
 * A model around a recursion, put together as TRM is: `InputEmbedding`, your network, `Heads`, under
 * deep supervision (`ActModel`). For other parts use `ActModel` itself.
 *
 * @throws MODEL_PART_INVALID if the network contradicts itself or the other parts.
 * @source arXiv:2510.04871, section 4
 *
 * @example
 * recursiveModel({
 *   config,
 *   dataset,
 *   network: (blocks) => {
 *     const level = new Level({ name: 'layers', numLayers: 2, blocks });
 *     return recurrentNetwork({
 *       parameters: level.parameters,
 *       latents: { z: {} },
 *       answer: 'z',
 *       recur: (parameters, x, { z }) => ({ z: level.bind(parameters)(addLatents(z, x)) }),
 *     });
 *   },
 * });
 */
export function recursiveModel<N extends string>(options: RecursiveModelOptions<N>): ActModel {
  const { config, dataset, network, halting = Q_HALT } = options;
  const { hiddenSize, positionEncoding, puzzleEmbeddingDim } = config;
  const { prefix = puzzlePrefix(hiddenSize, puzzleEmbeddingDim) } = options;
  const learnedPositions = positionEncoding === 'learned';
  const embedding = new InputEmbedding({ hiddenSize, dataset, prefix, learnedPositions });
  const heads = { hiddenSize, vocabSize: dataset.vocabSize, prefixLength: prefix.length };
  return new ActModel({
    dataset,
    hiddenSize,
    embedding,
    network: network({ ...config, numPositions: embedding.numPositions }),
    readout: new Heads({ ...heads, halts: halting !== false }),
    supervision: { ...config, halting: halting === false ? NO_HALTING : halting },
  });
}

/**
 * Problems of the options of `recursiveOptions` with each other and with the data: the `check` of a
 * plugin. Returns none where all is well.
 */
export function recursiveProblems(config: RecursiveConfig, facts: ShapeFacts): ConfigProblem[] {
  return [...headProblems(config), ...dataProblems(config.mlpT, facts)];
}
