import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import { randomStream } from '@eddy/core';
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
import trm, { createTrm, trmConfig, trmProblems } from './trm.plugin.ts';

beforeAll(() => setBackend('cpu'));

const small = { hiddenSize: 8, numHeads: 2, hCycles: 2, lCycles: 2, haltMaxSteps: 3 };

modelSuite({
  name: 'trm with attention',
  config: trmConfig,
  options: { ...small, puzzleEmbeddingLength: 2 },
  dataset: smallDataset,
  create: createTrm,
  parameters: {
    ...smallEnds,
    ...layerShapes('layers', 2, smallAttention),
  },
});

modelSuite({
  name: 'trm with learned positions, no prefix, continue head',
  config: trmConfig,
  options: {
    ...small,
    numLayers: 1,
    positionEncoding: 'learned',
    puzzleEmbeddingDim: 0,
    noActContinue: false,
    loss: 'softmax',
  },
  dataset: smallDataset,
  create: createTrm,
  parameters: {
    ...smallEnds,
    embedPositions: [4, 8],
    ...layerShapes('layers', 1, smallAttention),
  },
});

modelSuite({
  name: 'trm with mlpT',
  config: trmConfig,
  options: { ...small, mlpT: true, positionEncoding: 'none', puzzleEmbeddingLength: 1 },
  dataset: smallDataset,
  create: createTrm,
  // Two layers of plain mlpT at their initial weights amplify rounding.
  tolerance: 1e-3,
  parameters: {
    ...smallEnds,
    ...layerShapes('layers', 2, smallMixer(5)),
  },
});

describe('recursion', () => {
  it('has a backward pass that does not grow with hCycles', async () => {
    const backward = (hCycles: number) => {
      const model = createTrm(trmConfig.parse({ ...small, hCycles }), smallDataset);
      return countBackwardKernels(model, smallDataset.seqLen);
    };
    const two = await backward(2);
    expect(two).toBeGreaterThan(50);
    expect(await backward(4)).toBe(two);
  });
});

describe('exploration', () => {
  const model = createTrm(trmConfig.parse({ ...small, haltMaxSteps: 4 }), smallDataset);

  it('asks some rows for 2 … maxSteps steps, as often as configured', () => {
    const { data } = model.noise(20_000, randomStream(1))['minSteps']!;
    const share = (value: number) => [...data].filter((x) => x === value).length / data.length;
    expect(share(0)).toBeCloseTo(0.9, 2);
    for (const value of [2, 3, 4]) expect(share(value)).toBeCloseTo(0.1 / 3, 2);
  });

  it('asks nothing of a model of one step', () => {
    const single = createTrm(trmConfig.parse({ ...small, haltMaxSteps: 1 }), smallDataset);
    expect(single.noise(100, randomStream(1))['minSteps']!.data.every((x) => x === 0)).toBe(true);
  });
});

describe('config', () => {
  const shape = { seqLen: 4, vocabSize: 5 };
  const problems = (options: object) =>
    trmProblems(trmConfig.parse(options), { datasetShape: shape }).map(
      ({ path, message, fix }) => `${path.join('.')}: ${message}; ${fix}`,
    );

  it('accepts the recipes', () => {
    expect(problems({})).toEqual([]);
    expect(problems({ mlpT: true, positionEncoding: 'none' })).toEqual([]);
    expect(problems({ puzzleEmbeddingDim: 0 })).toEqual([]);
    expect(problems({ numHeads: 12 })).toEqual([]);
    expect(problems({ puzzleEmbeddingDim: 768, puzzleEmbeddingLength: 0 })).toEqual([]);
  });

  it('finds shapes that cannot work, with the fix', () => {
    expect(problems({ numHeads: 513 })).toMatchInlineSnapshot(`
      [
        "numHeads: the model has more heads than channels; numHeads: 8",
      ]
    `);
    expect(problems({ hiddenSize: 24, numHeads: 8 })).toMatchInlineSnapshot(`
      [
        "numHeads: RoPE rotates channels in pairs, but a head has an odd number of channels; choose numHeads so that hiddenSize / numHeads is even, or positionEncoding: learned",
      ]
    `);
    expect(problems({ puzzleEmbeddingDim: 0, puzzleEmbeddingLength: 16 })).toMatchInlineSnapshot(`
      [
        "puzzleEmbeddingLength: the model has a prefix but no puzzle embedding; puzzleEmbeddingLength: 0",
      ]
    `);
    expect(problems({ puzzleEmbeddingDim: 1025, puzzleEmbeddingLength: 2 })).toMatchInlineSnapshot(`
      [
        "puzzleEmbeddingLength: the prefix is shorter than the puzzle embedding; puzzleEmbeddingLength: 3",
      ]
    `);
  });

  it('does not mind heads that mlpT has no use for', () => {
    expect(problems({ mlpT: true, hiddenSize: 100, numHeads: 8 })).toEqual([]);
  });

  it('needs a fixed length for mlpT', () => {
    const facts = { datasetShape: { seqLen: Number.NaN, vocabSize: 5 } };
    const found = trmProblems(trmConfig.parse({ mlpT: true }), facts);
    expect(found.map(({ path }) => path)).toEqual([['mlpT']]);
  });

  it('is checked again when a model is created by hand', () => {
    const config = trmConfig.parse({ numHeads: 513 });
    expect(() => createTrm(config, smallDataset)).toThrowErrorMatchingInlineSnapshot(`
      [EddyError: MODEL_CONFIG_INVALID  trm: the model has more heads than channels
        at        numHeads
        expected  at most 512
        received  513
        fix       numHeads: 8]
    `);
  });

  it('refuses unknown options and describes every known one', () => {
    expect(trmConfig.safeParse({ hidden_size: 512 }).success).toBe(false);
    for (const [name, option] of Object.entries(trmConfig.shape)) {
      expect(option.description, name).toBeTruthy();
    }
  });

  it('is the plugin’s', () => {
    expect(trm.config).toBe(trmConfig);
  });
});

describe('state_dict', () => {
  it('has the names and shapes of the reference', () => {
    const config = trmConfig.parse({ ...small, mlpT: true, numLayers: 1 });
    const model = createTrm(config, smallDataset);
    const shapeOf = (path: string) => {
      const [, folder, name] = /^(\w+)\/(.*)$/.exec(path)!;
      return folder === 'tables'
        ? [model.tables[name!]!.rows, model.tables[name!]!.dim]
        : model[folder as 'parameters' | 'buffers'][name!]!.shape;
    };
    const shapes = Object.entries(model.referenceTensors!).map(([ours, { name, transposed }]) => {
      const shape = shapeOf(ours);
      return [name, (transposed ? shape.toReversed() : shape).join(' × ')];
    });
    expect(Object.fromEntries(shapes)).toMatchInlineSnapshot(`
      {
        "model.inner.H_init": "8",
        "model.inner.L_init": "8",
        "model.inner.L_level.layers.0.mlp.down_proj.weight": "8 × 256",
        "model.inner.L_level.layers.0.mlp.gate_up_proj.weight": "512 × 8",
        "model.inner.L_level.layers.0.mlp_t.down_proj.weight": "20 × 256",
        "model.inner.L_level.layers.0.mlp_t.gate_up_proj.weight": "512 × 20",
        "model.inner.embed_tokens.embedding_weight": "5 × 8",
        "model.inner.lm_head.weight": "5 × 8",
        "model.inner.puzzle_emb.weights": "3 × 8",
        "model.inner.q_head.bias": "2",
        "model.inner.q_head.weight": "2 × 8",
      }
    `);
  });
});
