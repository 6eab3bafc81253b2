/** Models that were never written in PyTorch, made of the kit; and parts that break their contract. */
import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import { EddyError } from '@eddy/tensor';
import { eagerEngine, modelSuite, stepProgram } from '@eddy/core/testing';
import type { Model } from '@eddy/core';
import { mul, reshape, setBackend, slice, type Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { smallAttention, smallDataset, layerShapes } from '../testing/small-model.ts';
import {
  ActModel,
  addLatents,
  cycles,
  embed,
  embeddingWeight,
  FeedForwardModel,
  Heads,
  InputEmbedding,
  Level,
  linear,
  linearWeight,
  NO_HALTING,
  Q_HALT,
  recursiveModel,
  recursiveOptions,
  swiglu,
  type BlockShape,
  type RecurrentNetwork,
} from './index.ts';

beforeAll(() => setBackend('cpu'));

const config = z.strictObject(recursiveOptions);
const options = { hiddenSize: 8, numHeads: 2, haltMaxSteps: 3, puzzleEmbeddingDim: 0 };
const sizes = config.parse(options);

/** Two latents of which one is a summary: two positions of width 4 in place of four of width 8. */
function summaryNetwork(blocks: BlockShape): RecurrentNetwork<'answer' | 'summary'> {
  const level = new Level({ name: 'layers', numLayers: 1, blocks });
  const parameters = {
    ...level.parameters,
    down: linearWeight(8, 4),
    up: linearWeight(4, 8),
  };
  return {
    parameters,
    latents: { answer: {}, summary: { positions: 2, width: 4 } },
    answer: 'answer',
    recur(weights, x_LBD, latents) {
      const f = level.bind(weights);
      return cycles(2, latents, ({ answer, summary }) => {
        const B = answer.shape[1]!;
        const rows = (z: Tensor) => reshape(z, [-1, z.shape[2]!]);
        const first = slice(answer, [0, 0, 0], [2, B, 8]);
        const next = reshape(linear(rows(first), weights['down']!), [2, B, 4]);
        const seen = addLatents(summary, next);
        const back = reshape(linear(rows(seen), weights['up']!), [2, B, 8]);
        const hint = slice(back, [0, 0, 0], [1, B, 8]);
        return { answer: f(addLatents(answer, x_LBD, hint)), summary: mul(seen, 0.5) };
      });
    },
  };
}

modelSuite({
  name: 'of two latents of different shapes, with names of its own',
  config,
  options,
  dataset: smallDataset,
  create: (parsed, dataset) => recursiveModel({ config: parsed, dataset, network: summaryNetwork }),
  parameters: {
    embedTokens: [5, 8],
    ...layerShapes('layers', 1, smallAttention),
    down: [8, 4],
    up: [4, 8],
    lmHead: [8, 5],
    'qHead/weight': [8, 2],
    'qHead/bias': [2],
  },
});

modelSuite({
  name: 'without halting',
  config,
  options: { ...options, haltMaxSteps: 2, loss: 'softmax' },
  dataset: smallDataset,
  create: (parsed, dataset) =>
    recursiveModel({ config: parsed, dataset, network: plainNetwork, halting: false }),
  parameters: {
    embedTokens: [5, 8],
    ...layerShapes('layers', 1, smallAttention),
    lmHead: [8, 5],
  },
});

modelSuite({
  name: 'of one step',
  config: z.strictObject({}),
  options: {},
  dataset: smallDataset,
  create: (_, dataset) => feedForward(dataset),
  parameters: { table: [5, 16], gate: [16, 32], up: [16, 32], down: [32, 16], head: [16, 5] },
});

function feedForward(dataset: typeof smallDataset): Model {
  return new FeedForwardModel({
    dataset,
    parameters: {
      table: embeddingWeight(5, 16),
      gate: linearWeight(16, 32),
      up: linearWeight(16, 32),
      down: linearWeight(32, 16),
      head: linearWeight(16, 5),
    },
    logits({ table, gate, up, down, head }, inputs_BS) {
      const x = embed(reshape(inputs_BS, [-1]), table);
      const y = swiglu(x, { gate, up, down });
      return reshape(linear(y, head), [...inputs_BS.shape, 5]);
    },
  });
}

function plainNetwork(blocks: BlockShape): RecurrentNetwork<'z'> {
  const level = new Level({ name: 'layers', numLayers: 1, blocks });
  return {
    parameters: level.parameters,
    latents: { z: {} },
    answer: 'z',
    recur: (parameters, x_LBD, { z: now }) => ({
      z: level.bind(parameters)(addLatents(now, x_LBD)),
    }),
  };
}

describe('a model without names in PyTorch', () => {
  it('has none for part of its tensors either', () => {
    const model = recursiveModel({ config: sizes, dataset: smallDataset, network: plainNetwork });
    expect(model.referenceTensors).toBeUndefined();
    expect(Object.keys(model.buffers)).toEqual(['z_start']);
  });
});

describe('a readout that does not halt', () => {
  const model = recursiveModel({
    config: sizes,
    dataset: smallDataset,
    network: plainNetwork,
    halting: false,
  });

  it('leaves halting out of outputs, metrics and parameters', () => {
    expect(model.outputs).toEqual(['preds', 'logits']);
    expect(Object.keys(model.metrics)).toEqual([
      'count',
      'accuracy',
      'exact_accuracy',
      'steps',
      'lm_loss',
    ]);
    expect(Object.keys(model.parameters)).not.toContain('qHead/bias');
  });
});

describe('a part that breaks its contract', () => {
  /** The facts of the error of a training step that is run. */
  const stepWith = async (change: Partial<RecurrentNetwork>, hiddenSize = 8) => {
    const network = (blocks: BlockShape): RecurrentNetwork => ({
      ...plainNetwork(blocks),
      ...change,
    });
    const model = recursiveModel({
      config: { ...sizes, hiddenSize },
      dataset: smallDataset,
      network,
    });
    const program = stepProgram(model, { batchSize: 2, seqLen: 4, training: false });
    const engine = eagerEngine();
    const executable = await engine.compile(program);
    const zeros = Object.entries(program.inputs).map(([name, { shape, dtype }]) => {
      const size = shape.reduce((a, b) => a * b, 1);
      const data = dtype === 'float32' ? new Float32Array(size) : new Int32Array(size);
      return [name, { shape, dtype, data: dtype === 'bool' ? new Uint8Array(size) : data }];
    });
    return executable.run(await engine.upload({}), Object.fromEntries(zeros) as never, {
      fetch: ['loss'],
    });
  };
  const factsOf = async (run: () => unknown) => {
    try {
      await run();
    } catch (error) {
      if (error instanceof EddyError) return error.facts;
      throw error;
    }
    return undefined;
  };

  it('is named with the latent of another shape', async () => {
    const recur = (_: unknown, x_LBD: Tensor) => ({ z: slice(x_LBD, [0, 0, 0], [4, 2, 6]) });
    expect(await factsOf(() => stepWith({ recur }))).toMatchObject({
      code: 'MODEL_PART_INVALID',
      at: 'network.recur, latent z',
      expected: '[4, 2, 8]',
      received: '[4, 2, 6]',
    });
  });

  it('is named with the latents that are missing or too many', async () => {
    const recur = (_: unknown, x_LBD: Tensor) => ({ z: x_LBD, other: x_LBD });
    expect(await factsOf(() => stepWith({ recur }))).toMatchObject({
      at: 'network.recur',
      expected: 'the latents z',
      received: 'z, other',
    });
  });

  it('is found inside cycles, and inside what a cycle repeats', async () => {
    const short = (z: Tensor) => slice(z, [0, 0, 0], [4, 2, 4]);
    const inCycle: RecurrentNetwork<'z'>['recur'] = (_, x_LBD, latents) =>
      cycles(2, latents, () => ({ z: short(x_LBD) }));
    expect(await factsOf(() => stepWith({ recur: inCycle as never }))).toMatchObject({
      at: 'cycles, latent z',
      received: '[4, 2, 4]',
    });
    const inAgain: RecurrentNetwork<'z'>['recur'] = (_, _x, latents) =>
      cycles(1, latents, ({ z: now }, again) => ({ z: again(3, now, short) }));
    expect(await factsOf(() => stepWith({ recur: inAgain as never }))).toMatchObject({
      at: 'cycles: again',
      expected: '[4, 2, 8]',
    });
  });

  it('is found when the model is created: the answer', async () => {
    expect(await factsOf(() => stepWith({ answer: 'y' }))).toMatchObject({
      at: 'network.answer',
      expected: 'one of the latents z',
      received: 'y',
    });
    expect(await factsOf(() => stepWith({ latents: { z: { width: 4 } } }))).toMatchObject({
      at: 'network.latents, z',
      expected: '4 positions of width 8, as the input has',
      received: '4 positions of width 4',
    });
  });

  it('is found when the model is created: names', async () => {
    const latents = { z: {}, steps: {} };
    expect(await factsOf(() => stepWith({ latents }))).toMatchObject({ received: 'steps' });
    const parameters = { lmHead: linearWeight(8, 5) };
    expect(await factsOf(() => stepWith({ parameters }))).toMatchObject({
      at: 'readout.parameters, lmHead',
      received: 'lmHead, which network has too',
    });
  });

  it('is found when the model is created: halting without halting values', async () => {
    const model = (halting: typeof Q_HALT) =>
      new ActModel({
        dataset: smallDataset,
        hiddenSize: 8,
        embedding: new InputEmbedding({ hiddenSize: 8, dataset: smallDataset }),
        network: plainNetwork({ ...sizes, numPositions: 4 }),
        readout: new Heads({ hiddenSize: 8, vocabSize: 5, prefixLength: 0, halts: false }),
        supervision: { ...sizes, halting },
      });
    expect(await factsOf(() => model(Q_HALT))).toMatchObject({ at: 'supervision.halting' });
    expect(model(NO_HALTING).maxSteps).toBe(3);
  });
});
