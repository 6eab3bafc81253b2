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
import hrm, { createHrm, hrmConfig } from './hrm.plugin.ts';

beforeAll(() => setBackend('cpu'));

const small = { hiddenSize: 8, numHeads: 2, hLayers: 1, lLayers: 2, haltMaxSteps: 3 };

modelSuite({
  name: 'hrm with attention',
  config: hrmConfig,
  options: small,
  dataset: smallDataset,
  create: createHrm,
  parameters: {
    ...smallEnds,
    ...layerShapes('hLayers', 1, smallAttention),
    ...layerShapes('lLayers', 2, smallAttention),
  },
});

modelSuite({
  name: 'hrm with mlpT, learned positions and a single cycle, without a puzzle embedding',
  config: hrmConfig,
  options: {
    ...small,
    lLayers: 1,
    hCycles: 1,
    lCycles: 1,
    mlpT: true,
    positionEncoding: 'learned',
    puzzleEmbeddingDim: 0,
    loss: 'softmax',
  },
  dataset: smallDataset,
  create: createHrm,
  tolerance: 1e-3,
  learningRate: 0.0001,
  parameters: {
    ...smallEnds,
    embedPositions: [4, 8],
    ...layerShapes('hLayers', 1, smallMixer(4)),
    ...layerShapes('lLayers', 1, smallMixer(4)),
  },
});

describe('hrm', () => {
  it('differentiates one update of each latent, however many there are', async () => {
    const backward = (cycles: object) => {
      // A single step has no target of q_continue, whose pass is all forward.
      const config = hrmConfig.parse({ ...small, haltMaxSteps: 1, ...cycles });
      return countBackwardKernels(createHrm(config, smallDataset), smallDataset.seqLen);
    };
    const few = await backward({ hCycles: 2, lCycles: 2 });
    expect(few).toBeGreaterThan(50);
    expect(await backward({ hCycles: 3, lCycles: 4 })).toBe(few);
  });

  it('has a prefix just long enough for the puzzle’s vector', () => {
    const positions = (puzzleEmbeddingDim: number) =>
      createHrm(hrmConfig.parse({ ...small, puzzleEmbeddingDim }), smallDataset).carry(1)['z_H']!
        .shape[0]! - smallDataset.seqLen;
    expect([0, 8, 9, 16].map(positions)).toEqual([0, 1, 2, 2]);
  });

  it('has a loss of q_continue, unless there is one step', () => {
    const model = (haltMaxSteps: number) =>
      createHrm(hrmConfig.parse({ ...small, haltMaxSteps }), smallDataset);
    expect(model(3).metrics['q_continue_loss']).toBe('per-row');
    expect(model(1).metrics['q_continue_loss']).toBeUndefined();
  });

  it('checks its options', () => {
    const config = hrm.config.parse({ hiddenSize: 4, numHeads: 8 });
    expect(hrm.check!(config, {})).toMatchInlineSnapshot(`
      [
        {
          "expected": "at most 4",
          "fix": "numHeads: 1",
          "message": "the model has more heads than channels",
          "path": [
            "numHeads",
          ],
          "received": "8",
        },
      ]
    `);
    expect(() => createHrm(config, smallDataset)).toThrow('MODEL_CONFIG_INVALID');
  });
});
