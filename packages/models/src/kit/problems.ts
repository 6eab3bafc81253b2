/** What a schema cannot see: options that contradict each other or the data. */
import type { ConfigProblem, DatasetShape } from '@eddy/core';

import { modelConfigInvalid } from './errors.ts';
import { headDim, type PuzzlePrefix } from './sizes.ts';

/** What `validate` knows of the data before it is built. */
export interface ShapeFacts {
  readonly datasetShape?: Pick<DatasetShape, 'seqLen' | 'vocabSize'>;
}

/** @throws MODEL_CONFIG_INVALID if there is a problem: for models created by hand. */
export function refuseProblems(model: string, problems: readonly ConfigProblem[]): void {
  if (problems.length > 0) throw modelConfigInvalid(model, problems);
}

export function headProblems(config: {
  readonly hiddenSize: number;
  readonly numHeads: number;
  readonly mlpT: boolean;
  readonly positionEncoding: string;
}): ConfigProblem[] {
  if (config.mlpT) return [];
  const { hiddenSize, numHeads } = config;
  const channels = headDim(config);
  if (channels === 0) {
    return [
      {
        path: ['numHeads'],
        message: 'the model has more heads than channels',
        expected: `at most ${hiddenSize}`,
        received: String(numHeads),
        fix: `numHeads: ${Math.max(1, Math.floor(hiddenSize / 64))}`,
      },
    ];
  }
  if (config.positionEncoding === 'rope' && channels % 2 === 1) {
    return [
      {
        path: ['numHeads'],
        message: 'RoPE rotates channels in pairs, but a head has an odd number of channels',
        expected: 'floor(hiddenSize / numHeads) even',
        received: `floor(${hiddenSize} / ${numHeads}) = ${channels}`,
        fix: 'choose numHeads so that hiddenSize / numHeads is even, or positionEncoding: learned',
      },
    ];
  }
  return [];
}

export function prefixProblems({ dim, length }: PuzzlePrefix, hiddenSize: number): ConfigProblem[] {
  if (dim === 0 && length > 0) {
    return [
      {
        path: ['puzzleEmbeddingLength'],
        message: 'the model has a prefix but no puzzle embedding',
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

export function dataProblems(mlpT: boolean, { datasetShape: shape }: ShapeFacts): ConfigProblem[] {
  if (shape === undefined) return [];
  const problems: ConfigProblem[] = [];
  if (!Number.isInteger(shape.seqLen) || shape.seqLen < 1) {
    problems.push({
      path: mlpT ? ['mlpT'] : [],
      message: mlpT
        ? 'mlpT has weights for each position, so it needs a fixed sequence length'
        : 'the model needs a fixed sequence length',
      expected: 'a dataset whose seqLen is a positive integer',
      received: `seqLen ${shape.seqLen}`,
      fix: mlpT ? 'mlpT: false, or a dataset of one length' : 'a dataset of one length',
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
