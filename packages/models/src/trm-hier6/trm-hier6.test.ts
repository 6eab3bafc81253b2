import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import { modelSuite } from '@eddy/core/testing';
import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

import { countBackwardKernels } from '../testing/count-kernels.ts';
import { layerShapes, smallAttention, smallDataset, smallEnds } from '../testing/small-model.ts';
import trmHier6, { createTrmHier6, trmHier6Config } from './trm-hier6.plugin.ts';

beforeAll(() => setBackend('cpu'));

const small = { hiddenSize: 8, numHeads: 2, hCycles: 2, numLayers: 1, haltMaxSteps: 3 };
const parameters = {
  ...smallEnds,
  ...layerShapes('layers', 1, smallAttention),
};

modelSuite({
  name: 'trm-hier6 with six cycles',
  config: trmHier6Config,
  options: { ...small, puzzleEmbeddingLength: 2 },
  dataset: smallDataset,
  create: createTrmHier6,
  parameters,
});

modelSuite({
  name: 'trm-hier6 with two cycles, so that four latents stay, and a continue head',
  config: trmHier6Config,
  options: { ...small, lCycles: 2, puzzleEmbeddingDim: 0, noActContinue: false },
  dataset: smallDataset,
  create: createTrmHier6,
  parameters,
});

describe('trm-hier6', () => {
  it('carries the answer and six latents', () => {
    const carry = createTrmHier6(trmHier6Config.parse(small), smallDataset).carry(1);
    const latents = ['z_H', 'z_L1', 'z_L2', 'z_L3', 'z_L4', 'z_L5', 'z_L6'];
    expect(Object.keys(carry).filter((name) => name.startsWith('z_'))).toEqual(latents);
  });

  it('has a backward pass that does not grow with hCycles', async () => {
    const backward = (hCycles: number) => {
      const config = trmHier6Config.parse({ ...small, lCycles: 2, hCycles });
      return countBackwardKernels(createTrmHier6(config, smallDataset), smallDataset.seqLen);
    };
    expect(await backward(4)).toBe(await backward(2));
  });

  it('refuses more updates a cycle than it has latents', () => {
    const config = trmHier6.config.parse({ lCycles: 7 });
    expect(trmHier6.check!(config, {})).toMatchInlineSnapshot(`
      [
        {
          "expected": "at most 6",
          "fix": "lCycles: 6, or use: trm, which has no such bound",
          "message": "each update of a cycle has its own latent, and there are only six",
          "path": [
            "lCycles",
          ],
          "received": "7",
        },
      ]
    `);
    expect(() => createTrmHier6(config, smallDataset)).toThrow('MODEL_CONFIG_INVALID');
    expect(trmHier6.check!(trmHier6.config.parse({}), {})).toEqual([]);
  });
});
