/** What TRM and its two variants, which differ in their latents only, have in common. */
import type { ConfigProblem } from '@eddy/core';
import { z } from 'zod';

import {
  blockOptions,
  count,
  dataProblems,
  headProblems,
  mixingOptions,
  prefixProblems,
  puzzleOptions,
  puzzlePrefix,
  Q_HALT,
  recursiveModel,
  refuseProblems,
  supervisionOptions,
  type ActModel,
  type BlockShape,
  type DatasetSizes,
  type Halting,
  type PuzzlePrefix,
  type RecurrentNetwork,
  type ShapeFacts,
} from '../kit/index.ts';

const { haltMaxSteps, haltExplorationProbability, loss } = supervisionOptions;

export const tinyRecursiveOptions = {
  ...blockOptions,
  hCycles: count(64)
    .default(3)
    .describe('number of cycles in one supervision step; only the last one has a gradient'),
  lCycles: count(64)
    .default(6)
    .describe('number of updates of the latent in each cycle (n in the paper)'),
  numLayers: count(64)
    .default(2)
    .describe('number of blocks of the network (L_layers in the reference)'),
  ...mixingOptions,
  ...puzzleOptions,
  puzzleEmbeddingLength: z
    .int()
    .min(0)
    .max(1_024)
    .optional()
    .describe(
      'number of positions before the tokens for the puzzle embedding; by default 16 (0 without an embedding), ' +
        '0 means as many as it needs',
    ),
  haltMaxSteps,
  haltExplorationProbability,
  noActContinue: z
    .boolean()
    .default(true)
    .describe(
      'halt on q_halt alone; false also trains q_continue, which costs one more pass per step',
    ),
  loss,
};

export type TinyRecursiveConfig = z.output<z.ZodObject<typeof tinyRecursiveOptions>>;

/** Halting by Q-learning, with q_continue. */
const Q_LEARNING: Halting = {
  inTraining: 'q-halt-over-continue',
  inEvaluation: 'nothing',
  trainsContinue: true,
};

export interface TinyRecursive<N extends string> {
  readonly name: string;
  readonly config: TinyRecursiveConfig;
  readonly dataset: DatasetSizes;
  readonly problems: readonly ConfigProblem[];
  readonly network: (blocks: BlockShape) => RecurrentNetwork<N>;
}

/** @throws MODEL_CONFIG_INVALID if there are problems. */
export function createTinyRecursive<N extends string>(model: TinyRecursive<N>): ActModel {
  const { name, config, problems } = model;
  refuseProblems(name, problems);
  return recursiveModel({
    ...model,
    prefix: prefixOf(config),
    halting: config.noActContinue ? Q_HALT : Q_LEARNING,
  });
}

/** Problems of the options with each other and with the data. */
export function tinyRecursiveProblems(
  config: TinyRecursiveConfig,
  facts: ShapeFacts,
): ConfigProblem[] {
  return [
    ...headProblems(config),
    ...prefixProblems(prefixOf(config), config.hiddenSize),
    ...dataProblems(config.mlpT, facts),
  ];
}

/** 16 positions by default, most of them scratch space. */
function prefixOf(config: TinyRecursiveConfig): PuzzlePrefix {
  const { hiddenSize, puzzleEmbeddingDim, puzzleEmbeddingLength } = config;
  const length = puzzleEmbeddingLength ?? (puzzleEmbeddingDim === 0 ? 0 : 16);
  return puzzlePrefix(hiddenSize, puzzleEmbeddingDim, length);
}
