/** Options that models share, by what they are about. */
import { z } from 'zod';

export const count = (maximum: number) => z.int().min(1).max(maximum);

export const numHeads = (byDefault: number) =>
  count(1_024)
    .default(byDefault)
    .describe('attention heads of floor(hiddenSize / numHeads) channels each');

/** Sizes of a block with attention. */
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

/** How positions learn of each other. */
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

export const puzzleOptions = {
  puzzleEmbeddingDim: z
    .int()
    .min(0)
    .max(262_144)
    .optional()
    .describe('length of a puzzle’s learned vector; hiddenSize by default, 0 removes it'),
};
