import '@tensorflow/tfjs';

import { modelSuite } from '@eddy/core/testing';
import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

import { countBackwardKernels } from '../testing/count-kernels.ts';
import { layerShapes } from '../testing/layer-shapes.ts';
import { hrmConfig } from './config.ts';
import hrm from './hrm.plugin.ts';
import { createHrm } from './model.ts';

beforeAll(() => setBackend('cpu'));

const small = { hiddenSize: 8, numHeads: 2, hLayers: 1, lLayers: 2, haltMaxSteps: 3 };
const dataset = { vocabSize: 5, seqLen: 4, numPuzzleIdentifiers: 3 };
const mlp = { 'mlp/gateUp': [8, 512], 'mlp/down': [256, 8] };
const heads = { lmHead: [8, 5], 'qHead/weight': [8, 2], 'qHead/bias': [2] };
const attention = { 'attention/qkv': [8, 24], 'attention/output': [8, 8], ...mlp };

modelSuite({
  name: 'hrm with attention',
  config: hrmConfig,
  options: small,
  dataset,
  create: createHrm,
  parameters: {
    embedTokens: [5, 8],
    ...layerShapes('hLayers', 1, attention),
    ...layerShapes('lLayers', 2, attention),
    ...heads,
  },
});

const mixer = { 'tokenMixer/gateUp': [512, 4], 'tokenMixer/down': [4, 256], ...mlp };

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
  dataset,
  create: createHrm,
  tolerance: 1e-3,
  learningRate: 0.0001,
  parameters: {
    embedTokens: [5, 8],
    embedPositions: [4, 8],
    ...layerShapes('hLayers', 1, mixer),
    ...layerShapes('lLayers', 1, mixer),
    ...heads,
  },
});

describe('hrm', () => {
  it('differentiates one update of each latent, however many there are', async () => {
    const backward = (cycles: object) => {
      // A single step has no target of q_continue, whose pass is all forward.
      const config = hrmConfig.parse({ ...small, haltMaxSteps: 1, ...cycles });
      return countBackwardKernels(createHrm(config, dataset), dataset.seqLen);
    };
    const few = await backward({ hCycles: 2, lCycles: 2 });
    expect(few).toBeGreaterThan(50);
    expect(await backward({ hCycles: 3, lCycles: 4 })).toBe(few);
  });

  it('has a prefix just long enough for the puzzle’s vector', () => {
    const positions = (puzzleEmbeddingDim: number) =>
      createHrm(hrmConfig.parse({ ...small, puzzleEmbeddingDim }), dataset).carry(1)['z_H']!
        .shape[0]! - dataset.seqLen;
    expect([0, 8, 9, 16].map(positions)).toEqual([0, 1, 2, 2]);
  });

  it('needs one more pass a step for the target of q_continue, unless there is one step', () => {
    const model = (haltMaxSteps: number) =>
      createHrm(hrmConfig.parse({ ...small, haltMaxSteps }), dataset);
    expect(model(3).metrics['q_continue_loss']).toBe('per-row');
    expect(model(1).metrics['q_continue_loss']).toBeUndefined();
    expect(model(3).trainingFlops!(4)).toBeGreaterThan(model(1).trainingFlops!(4) * 1.2);
  });

  it('checks its options', () => {
    const config = hrm.config.parse({ hiddenSize: 4, numHeads: 8 });
    expect(hrm.check!(config, {})).toMatchInlineSnapshot(`
      [
        {
          "expected": "at most 4",
          "fix": "numHeads: 1",
          "message": "more heads than channels",
          "path": [
            "numHeads",
          ],
          "received": "8",
        },
      ]
    `);
    expect(() => createHrm(config, dataset)).toThrow('MODEL_CONFIG_INVALID');
  });
});
