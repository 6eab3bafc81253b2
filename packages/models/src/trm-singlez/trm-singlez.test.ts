import '@tensorflow/tfjs';

import { modelSuite } from '@eddy/core/testing';
import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

import { countBackwardKernels } from '../testing/count-kernels.ts';
import { layerShapes } from '../testing/layer-shapes.ts';
import { trmSinglezConfig } from './config.ts';
import { createTrmSinglez } from './model.ts';
import trmSinglez from './trm-singlez.plugin.ts';

beforeAll(() => setBackend('cpu'));

const small = { hiddenSize: 8, numHeads: 2, hCycles: 2, lCycles: 2, haltMaxSteps: 3 };
const dataset = { vocabSize: 5, seqLen: 4, numPuzzleIdentifiers: 3 };
const mlp = { 'mlp/gateUp': [8, 512], 'mlp/down': [256, 8] };
const heads = { lmHead: [8, 5], 'qHead/weight': [8, 2], 'qHead/bias': [2] };

modelSuite({
  name: 'trm-singlez with attention',
  config: trmSinglezConfig,
  options: { ...small, puzzleEmbeddingLength: 2 },
  dataset,
  create: createTrmSinglez,
  parameters: {
    embedTokens: [5, 8],
    ...layerShapes('layers', 2, { 'attention/qkv': [8, 24], 'attention/output': [8, 8], ...mlp }),
    ...heads,
  },
});

modelSuite({
  name: 'trm-singlez with mlpT and a continue head, without a puzzle embedding',
  config: trmSinglezConfig,
  options: {
    ...small,
    numLayers: 1,
    mlpT: true,
    positionEncoding: 'none',
    puzzleEmbeddingDim: 0,
    noActContinue: false,
    loss: 'softmax',
  },
  dataset,
  create: createTrmSinglez,
  tolerance: 1e-3,
  parameters: {
    embedTokens: [5, 8],
    ...layerShapes('layers', 1, {
      'tokenMixer/gateUp': [512, 4],
      'tokenMixer/down': [4, 256],
      ...mlp,
    }),
    ...heads,
  },
});

describe('trm-singlez', () => {
  it('carries one latent', () => {
    const carry = createTrmSinglez(trmSinglezConfig.parse(small), dataset).carry(1);
    expect(Object.keys(carry).filter((name) => name.startsWith('z_'))).toEqual(['z_L']);
  });

  it('has a backward pass that does not grow with hCycles', async () => {
    const backward = (hCycles: number) => {
      const config = trmSinglezConfig.parse({ ...small, numLayers: 1, hCycles });
      return countBackwardKernels(createTrmSinglez(config, dataset), dataset.seqLen);
    };
    expect(await backward(4)).toBe(await backward(2));
  });

  it('checks its options', () => {
    const config = trmSinglez.config.parse({ hiddenSize: 24, numHeads: 8 });
    expect(trmSinglez.check!(config, {}).map(({ path }) => path)).toEqual([['numHeads']]);
    expect(() => createTrmSinglez(config, dataset)).toThrow('MODEL_CONFIG_INVALID');
  });
});
