import type { ConfigProblem, DatasetShape } from '@eddy/core';
import { z } from 'zod';

const count = (maximum: number) => z.int().min(1).max(maximum);

export const trmConfig = z.strictObject({
  hiddenSize: count(16_384).default(512).describe('width of every activation'),
  numHeads: count(1_024).default(8).describe('attention heads; must divide hiddenSize'),
  expansion: z
    .number()
    .positive()
    .max(64)
    .default(4)
    .describe('inner width of SwiGLU over its outer width, before the 2/3 and the rounding to 256'),
  hCycles: count(64)
    .default(3)
    .describe('updates of the answer z_H per step; only the last has a gradient'),
  lCycles: count(64).default(6).describe('updates of the latent z_L before each update of z_H'),
  numLayers: count(64).default(2).describe('blocks of the one network (L_layers in the reference)'),
  mlpT: z
    .boolean()
    .default(false)
    .describe('mix positions by a SwiGLU over the sequence in place of attention'),
  positionEncoding: z
    .enum(['rope', 'learned', 'none'])
    .default('rope')
    .describe('how attention knows positions; rope acts inside attention, so not with mlpT'),
  ropeTheta: z
    .number()
    .positive()
    .max(1e9)
    .default(10_000)
    .describe('base of the RoPE frequencies'),
  rmsNormEpsilon: z.number().positive().max(1).default(1e-5).describe('added to the mean square'),
  puzzleEmbeddingDim: z
    .int()
    .min(0)
    .max(262_144)
    .optional()
    .describe('length of a puzzle’s learned vector; hiddenSize by default, 0 removes it'),
  puzzleEmbeddingLength: z
    .int()
    .min(0)
    .max(1_024)
    .optional()
    .describe(
      'positions before the tokens that hold it; 16 by default (0 without an embedding), ' +
        '0 means just enough',
    ),
  haltMaxSteps: count(1_024)
    .default(16)
    .describe('supervision steps until a row halts at the latest'),
  haltExplorationProbability: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe('chance that a row must run a random number of steps before it may halt'),
  noActContinue: z
    .boolean()
    .default(true)
    .describe('halt on q_halt alone; false trains q_continue too, by one more pass per step'),
  loss: z.enum(['stablemax', 'softmax']).default('stablemax').describe('cross entropy of tokens'),
});

export type TrmConfig = z.output<typeof trmConfig>;

/** Sizes that follow from the config. */
export interface PuzzlePrefix {
  /** Length of a puzzle's vector; 0 without one. */
  readonly dim: number;
  /** Positions before the tokens. */
  readonly length: number;
}

/**
 * The prefix: `puzzleEmbeddingLength`, or just enough positions for the vector.
 *
 * @reference models/recursive_reasoning/trm.py `puzzle_emb_len`
 */
export function puzzlePrefix(config: TrmConfig): PuzzlePrefix {
  const dim = config.puzzleEmbeddingDim ?? config.hiddenSize;
  const length = config.puzzleEmbeddingLength ?? (dim === 0 ? 0 : 16);
  return { dim, length: length === 0 ? Math.ceil(dim / config.hiddenSize) : length };
}

/** What the schema cannot see: options that contradict each other or the data. */
export function trmProblems(
  config: TrmConfig,
  facts: { readonly datasetShape?: Pick<DatasetShape, 'seqLen' | 'vocabSize'> },
): ConfigProblem[] {
  return [
    ...headProblems(config),
    ...prefixProblems(config),
    ...(facts.datasetShape === undefined ? [] : shapeProblems(config, facts.datasetShape)),
  ];
}

function headProblems(config: TrmConfig): ConfigProblem[] {
  if (config.mlpT) return [];
  const { hiddenSize, numHeads } = config;
  const headDim = hiddenSize / numHeads;
  if (!Number.isInteger(headDim)) {
    const divisors = [...Array(hiddenSize).keys()].map((i) => i + 1);
    const nearest = divisors
      .filter((divisor) => hiddenSize % divisor === 0)
      .sort((a, b) => Math.abs(a - numHeads) - Math.abs(b - numHeads))[0]!;
    return [
      {
        path: ['numHeads'],
        message: 'numHeads does not divide hiddenSize',
        expected: `a divisor of ${hiddenSize}`,
        received: String(numHeads),
        fix: `numHeads: ${nearest}`,
      },
    ];
  }
  if (config.positionEncoding === 'rope' && headDim % 2 === 1) {
    return [
      {
        path: ['numHeads'],
        message: 'RoPE turns channels in pairs, but a head has an odd number of them',
        expected: 'hiddenSize / numHeads even',
        received: `${hiddenSize} / ${numHeads} = ${headDim}`,
        fix: 'choose numHeads so that hiddenSize / numHeads is even, or positionEncoding: learned',
      },
    ];
  }
  return [];
}

function prefixProblems(config: TrmConfig): ConfigProblem[] {
  const { dim, length } = puzzlePrefix(config);
  const { hiddenSize } = config;
  if (dim === 0 && length > 0) {
    return [
      {
        path: ['puzzleEmbeddingLength'],
        message: 'a prefix without a puzzle embedding',
        expected: '0, as puzzleEmbeddingDim is 0',
        received: String(length),
        fix: 'puzzleEmbeddingLength: 0',
      },
    ];
  }
  if (dim > length * hiddenSize) {
    return [
      {
        path: ['puzzleEmbeddingLength'],
        message: 'the prefix is shorter than the puzzle embedding',
        expected: `at least ${Math.ceil(dim / hiddenSize)} positions of ${hiddenSize} for ${dim} numbers`,
        received: String(length),
        fix: `puzzleEmbeddingLength: ${Math.ceil(dim / hiddenSize)}`,
      },
    ];
  }
  return [];
}

function shapeProblems(
  config: TrmConfig,
  shape: Pick<DatasetShape, 'seqLen' | 'vocabSize'>,
): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  if (!Number.isInteger(shape.seqLen) || shape.seqLen < 1) {
    problems.push({
      path: config.mlpT ? ['mlpT'] : [],
      message: config.mlpT
        ? 'mlpT has weights per position, so it needs a fixed sequence length'
        : 'the model needs a fixed sequence length',
      expected: 'a dataset whose seqLen is a positive integer',
      received: `seqLen ${shape.seqLen}`,
      fix: config.mlpT ? 'mlpT: false, or a dataset of one length' : 'a dataset of one length',
    });
  }
  if (!Number.isInteger(shape.vocabSize) || shape.vocabSize < 2) {
    problems.push({
      path: [],
      message: 'the model needs a vocabulary of two tokens or more',
      expected: 'a dataset whose vocabSize is at least 2',
      received: `vocabSize ${shape.vocabSize}`,
      fix: 'check the dataset’s description',
    });
  }
  return problems;
}
