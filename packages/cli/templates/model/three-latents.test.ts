import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import type { DatasetMetadata } from '@eddy/core';
import { modelSuite, pluginSuite } from '@eddy/core/testing';
import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll } from 'vitest';

import plugin from './three-latents.ts';

beforeAll(() => setBackend('cpu'));

pluginSuite({ plugin });

const dataset: DatasetMetadata = {
  vocabSize: 5,
  seqLen: 4,
  numPuzzleIdentifiers: 3,
  grid: { rows: 2, cols: 2 },
  task: 'example',
  padId: 0,
  ignoreLabelId: null,
  blankIdentifierId: 0,
  splits: {},
};

modelSuite({
  name: 'three-latents',
  config: plugin.config,
  options: { hiddenSize: 8, numHeads: 2, haltMaxSteps: 2, puzzleEmbeddingDim: 8 },
  dataset,
  create: (options, data) => plugin.create(options, { dataset: data }),
  // A step moves the latents of the next, so that descent needs small ones.
  learningRate: 0.003,
  parameters: {
    embedTokens: [5, 8],
    'layers/0/attention/qkv': [8, 24],
    'layers/0/attention/output': [8, 8],
    'layers/0/mlp/gateUp': [8, 512],
    'layers/0/mlp/down': [256, 8],
    lmHead: [8, 5],
    'qHead/weight': [8, 2],
    'qHead/bias': [2],
  },
});
