/** Options that models share, as zod fields to spread into a schema. */
import { z } from 'zod';

/** A whole number from 1 to `maximum`. */
export const count = (maximum: number) => z.int().min(1).max(maximum);

/** Option `numHeads` with another default. */
export const numHeads = (byDefault: number) =>
  count(1_024)
    .default(byDefault)
    .describe('attention heads of floor(hiddenSize / numHeads) channels each');

/** Sizes of a block with attention: hiddenSize, numHeads, expansion, ropeTheta, rmsNormEpsilon. */
export const blockOptions = {
  hiddenSize: count(16_384).default(512).describe('width of every activation'),
  numHeads: numHeads(8),
  expansion: z
    .number()
    .positive()
    .max(64)
    .default(4)
    .describe('inner width of SwiGLU over its outer width, before the 2/3 and the rounding to 256'),
  ropeTheta: z
    .number()
    .positive()
    .max(1e9)
    .default(10_000)
    .describe('base of the RoPE frequencies'),
  rmsNormEpsilon: z.number().positive().max(1).default(1e-5).describe('added to the mean square'),
};

/** How positions are mixed: mlpT, positionEncoding. */
export const mixingOptions = {
  mlpT: z
    .boolean()
    .default(false)
    .describe('mix positions by a SwiGLU over the sequence in place of attention'),
  positionEncoding: z
    .enum(['rope', 'learned', 'none'])
    .default('rope')
    .describe('how attention knows positions; rope acts inside attention, so not with mlpT'),
};

/** The learned vector of each puzzle: puzzleEmbeddingDim. */
export const puzzleOptions = {
  puzzleEmbeddingDim: z
    .int()
    .min(0)
    .max(262_144)
    .optional()
    .describe('length of a puzzle’s learned vector; hiddenSize by default, 0 removes it'),
};

/** Deep supervision: haltMaxSteps, haltExplorationProbability, loss. */
export const supervisionOptions = {
  haltMaxSteps: count(1_024)
    .default(16)
    .describe('supervision steps until a row halts at the latest'),
  haltExplorationProbability: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe('chance that a row must run a random number of steps before it may halt'),
  loss: z.enum(['stablemax', 'softmax']).default('stablemax').describe('cross entropy of tokens'),
};

/** All options that `recursiveModel` reads; add those of your recursion to them. */
export const recursiveOptions = {
  ...blockOptions,
  ...mixingOptions,
  ...puzzleOptions,
  ...supervisionOptions,
};

/** The options of `recursiveOptions`, parsed. */
export type RecursiveConfig = z.output<z.ZodObject<typeof recursiveOptions>>;
