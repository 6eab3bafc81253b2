import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import { modelSuite } from '@eddy/core/testing';
import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

import { countBackwardKernels } from '../testing/count-kernels.ts';
import {
  layerShapes,
  smallAttention,
  smallDataset,
  smallEnds,
  smallMixer,
} from '../testing/small-model.ts';
import trmSinglez, { createTrmSinglez, trmSinglezConfig } from './trm-singlez.plugin.ts';

beforeAll(() => setBackend('cpu'));

const small = { hiddenSize: 8, numHeads: 2, hCycles: 2, lCycles: 2, haltMaxSteps: 3 };

modelSuite({
  name: 'trm-singlez with attention',
  config: trmSinglezConfig,
  options: { ...small, puzzleEmbeddingLength: 2 },
  dataset: smallDataset,
  create: createTrmSinglez,
  parameters: {
    ...smallEnds,
    ...layerShapes('layers', 2, smallAttention),
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
  dataset: smallDataset,
  create: createTrmSinglez,
  tolerance: 1e-3,
  parameters: {
    ...smallEnds,
    ...layerShapes('layers', 1, smallMixer(4)),
  },
});

describe('trm-singlez', () => {
  it('carries one latent', () => {
    const carry = createTrmSinglez(trmSinglezConfig.parse(small), smallDataset).carry(1);
    expect(Object.keys(carry).filter((name) => name.startsWith('z_'))).toEqual(['z_L']);
  });

  it('has a backward pass that does not grow with hCycles', async () => {
    const backward = (hCycles: number) => {
      const config = trmSinglezConfig.parse({ ...small, numLayers: 1, hCycles });
      return countBackwardKernels(createTrmSinglez(config, smallDataset), smallDataset.seqLen);
    };
    expect(await backward(4)).toBe(await backward(2));
  });

  it('checks its options', () => {
    const config = trmSinglez.config.parse({ hiddenSize: 24, numHeads: 8 });
    expect(trmSinglez.check!(config, {}).map(({ path }) => path)).toEqual([['numHeads']]);
    expect(() => createTrmSinglez(config, smallDataset)).toThrow('MODEL_CONFIG_INVALID');
  });
});
