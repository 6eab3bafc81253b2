/** Options of TRM and its two variants. */
import type { ConfigProblem } from '@eddy/core';
import { z } from 'zod';

import { actOptions } from '../act/options.ts';
import { blockOptions, count, mixingOptions, puzzleOptions } from '../network/options.ts';
import {
  dataProblems,
  headProblems,
  prefixProblems,
  type ShapeFacts,
} from '../network/problems.ts';
import { puzzlePrefix, type PuzzlePrefix } from '../network/sizes.ts';

const { haltMaxSteps, haltExplorationProbability, loss } = actOptions;

export const tinyRecursiveOptions = {
  ...blockOptions,
  hCycles: count(64)
    .default(3)
    .describe('cycles of one supervision step; only the last has a gradient'),
  lCycles: count(64).default(6).describe('updates of the latent with the input in each cycle'),
  numLayers: count(64).default(2).describe('blocks of the one network (L_layers in the reference)'),
  ...mixingOptions,
  ...puzzleOptions,
  puzzleEmbeddingLength: z
    .int()
    .min(0)
    .max(1_024)
    .optional()
    .describe(
      'positions before the tokens that hold it; 16 by default (0 without an embedding), ' +
        '0 means just enough',
    ),
  haltMaxSteps,
  haltExplorationProbability,
  noActContinue: z
    .boolean()
    .default(true)
    .describe('halt on q_halt alone; false trains q_continue too, by one more pass per step'),
  loss,
};

export type TinyRecursiveConfig = z.output<z.ZodObject<typeof tinyRecursiveOptions>>;

/** 16 positions by default, most of them scratch space. */
export function tinyRecursivePrefix(config: TinyRecursiveConfig): PuzzlePrefix {
  const { hiddenSize, puzzleEmbeddingDim, puzzleEmbeddingLength } = config;
  const length = puzzleEmbeddingLength ?? (puzzleEmbeddingDim === 0 ? 0 : 16);
  return puzzlePrefix(hiddenSize, puzzleEmbeddingDim, length);
}

export function tinyRecursiveProblems(
  config: TinyRecursiveConfig,
  facts: ShapeFacts,
): ConfigProblem[] {
  return [
    ...headProblems(config),
    ...prefixProblems(tinyRecursivePrefix(config), config.hiddenSize),
    ...dataProblems(config.mlpT, facts),
  ];
}
