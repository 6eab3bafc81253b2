/** Options that models share, as zod fields to spread into a schema. */
import { z } from 'zod';

/** A whole number from 1 to `maximum`. */
export const count = (maximum: number) => z.int().min(1).max(maximum);

/** Option `numHeads` with another default. */
export const numHeads = (byDefault: number) =>
  count(1_024)
    .default(byDefault)
    .describe('number of attention heads, each of floor(hiddenSize / numHeads) channels');

/** Sizes of a block with attention: hiddenSize, numHeads, expansion, ropeTheta, rmsNormEpsilon. */
export const blockOptions = {
  hiddenSize: count(16_384).default(512).describe('width of every activation'),
  numHeads: numHeads(8),
  expansion: z
    .number()
    .positive()
    .max(64)
    .default(4)
    .describe(
      'inner width of SwiGLU relative to its outer width, before it is multiplied by 2/3 and rounded up to a multiple of 256',
    ),
  ropeTheta: z
    .number()
    .positive()
    .max(1e9)
    .default(10_000)
    .describe('base of the RoPE frequencies'),
  rmsNormEpsilon: z
    .number()
    .positive()
    .max(1)
    .default(1e-5)
    .describe('epsilon of RMSNorm, added to the mean square'),
};

/** How positions are mixed: mlpT, positionEncoding. */
export const mixingOptions = {
  mlpT: z
    .boolean()
    .default(false)
    .describe(
      'mix positions with a SwiGLU over the sequence instead of attention; needs a fixed sequence length',
    ),
  positionEncoding: z
    .enum(['rope', 'learned', 'none'])
    .default('rope')
    .describe(
      'how attention encodes positions; rope works inside attention, so it has no effect with mlpT',
    ),
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
  haltMaxSteps: count(1_024).default(16).describe('largest number of supervision steps for a row'),
  haltExplorationProbability: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe('probability that a row must run a random minimum of steps before it may halt'),
  loss: z
    .enum(['stablemax', 'softmax'])
    .default('stablemax')
    .describe('cross-entropy loss of the tokens'),
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
