/** The models of docs/guides/write-a-model.md, small, as suites of models. */
import type { DatasetMetadata } from '@eddy/core';
import type { ModelSuite } from '@eddy/core/testing';
import type { z } from 'zod';

import mazeConv from '../../docs/guides/write-a-model/maze-conv.ts';
import perceptron from '../../docs/guides/write-a-model/perceptron.ts';
import threeLatents from '../../packages/cli/templates/model/three-latents.ts';

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

export const GUIDE_MODELS: Readonly<Record<string, ModelSuite<z.ZodType, DatasetMetadata>>> = {
  perceptron: {
    name: 'perceptron of the guide',
    config: perceptron.config,
    options: { tokenWidth: 4, width: 8 },
    dataset,
    create: (config, data) => perceptron.create(perceptron.config.parse(config), { dataset: data }),
    parameters: { tokens: [5, 4], hidden: [16, 8], bias: [8], output: [8, 20] },
  },
  'three-latents': {
    name: 'three-latents of the guide',
    config: threeLatents.config,
    options: { hiddenSize: 8, numHeads: 2, haltMaxSteps: 2, puzzleEmbeddingDim: 8 },
    // Each step moves the latents of the next, so descent needs small ones.
    learningRate: 0.003,
    dataset,
    create: (config, data) =>
      threeLatents.create(threeLatents.config.parse(config), { dataset: data }),
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
  },
  'maze-conv': {
    name: 'maze-conv of the guide',
    config: mazeConv.config,
    options: { hiddenSize: 6, iterations: 2, haltMaxSteps: 2 },
    dataset,
    create: (config, data) => mazeConv.create(mazeConv.config.parse(config), { dataset: data }),
    parameters: { embedTokens: [5, 6], filter: [3, 3, 12, 6], lmHead: [6, 5] },
  },
};
