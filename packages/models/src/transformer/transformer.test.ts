import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import { EvaluationRunner, initialise } from '@eddy/core/training';
import { randomStream, type Model } from '@eddy/core';
import type { EvaluationRows } from '@eddy/core/data';
import { type HostTensor, type HostTree } from '@eddy/tensor';
import { eagerEngine, modelSuite, stepProgram } from '@eddy/core/testing';
import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

import { layerShapes, smallAttention, smallDataset, smallEnds } from '../testing/small-model.ts';
import transformer, { createTransformer, transformerConfig } from './transformer.plugin.ts';

beforeAll(() => setBackend('cpu'));

const small = { hiddenSize: 8, numHeads: 2, numLayers: 2, haltMaxSteps: 4 };
const BATCH_SIZE = 8;

modelSuite({
  name: 'transformer',
  config: transformerConfig,
  options: small,
  dataset: smallDataset,
  create: createTransformer,
  learningRate: 0.003,
  parameters: {
    ...smallEnds,
    ...layerShapes('layers', 2, smallAttention),
  },
});

modelSuite({
  name: 'transformer with heads that do not divide its width, without halting',
  config: transformerConfig,
  options: {
    ...small,
    hiddenSize: 14,
    numHeads: 3,
    numLayers: 1,
    puzzleEmbeddingDim: 0,
    actEnabled: false,
    loss: 'softmax',
  },
  dataset: smallDataset,
  create: createTransformer,
  parameters: {
    embedTokens: [5, 14],
    // Three heads of four channels.
    ...layerShapes('layers', 1, {
      'attention/qkv': [14, 36],
      'attention/output': [12, 14],
      'mlp/gateUp': [14, 512],
      'mlp/down': [256, 14],
    }),
    lmHead: [14, 5],
    'qHead/weight': [14, 2],
    'qHead/bias': [2],
  },
});

describe('options', () => {
  const problems = (options: object) =>
    transformer.check!(transformer.config.parse(options), {}).map(({ path }) => path.join('.'));

  it('are the reference’s by default, 12 heads on 512 channels among them', () => {
    expect(problems({})).toEqual([]);
    const model = createTransformer(transformerConfig.parse({}), smallDataset);
    expect(model.parameters['layers/7/attention/qkv']!.shape).toEqual([512, 3 * 504]);
  });

  it('must leave an even number of channels to a head with RoPE', () => {
    expect(problems({ hiddenSize: 36, numHeads: 12 })).toEqual(['numHeads']);
    expect(problems({ hiddenSize: 36, numHeads: 12, positionEncoding: 'learned' })).toEqual([]);
    expect(transformerConfig.safeParse({ positionEncoding: 'none' }).success).toBe(false);
  });
});

describe('halting', () => {
  it('in training is by q_halt against q_continue, or at the last step', async () => {
    const halted = async (options: object, bias: [number, number]) => {
      const model = createTransformer(
        transformerConfig.parse({ ...small, ...options }),
        smallDataset,
      );
      const batch = example(model);
      const head = {
        'parameters/qHead/weight': float32([8, 2], Array<number>(16).fill(0)),
        'parameters/qHead/bias': float32([2], bias),
      };
      const inputs = { ...batch.weights, ...head, ...batch.inputs, ...noiseFree(BATCH_SIZE) };
      const executable = await eagerEngine().compile(
        stepProgram(model, { batchSize: BATCH_SIZE, seqLen: 4, training: true }),
      );
      const state = await eagerEngine().upload({});
      const result = await executable.run(state, inputs, { fetch: ['carry/halted'] });
      return [...new Set(result['carry/halted']!.data)];
    };
    expect(await halted({}, [-1, -2])).toEqual([1]);
    expect(await halted({}, [2, 3])).toEqual([0]);
    expect(await halted({ actEnabled: false }, [-1, -2])).toEqual([0]);
  });

  it('in evaluation keeps a row’s answer of the step at which it halts, with actInference', async () => {
    const plain = createTransformer(transformerConfig.parse(small), smallDataset);
    const { weights, rows } = example(plain);
    const all = await evaluate(plain, weights, rows);
    const halting = createTransformer(
      transformerConfig.parse({ ...small, actInference: true }),
      smallDataset,
    );
    const kept = await evaluate(halting, weights, rows);

    const steps = Array.from({ length: BATCH_SIZE }, (_, row) => {
      const wants = all.trace.findIndex(
        (at) => at['q_halt_logits']!.data[row]! > at['q_continue_logits']!.data[row]!,
      );
      return wants === -1 ? small.haltMaxSteps : wants + 1;
    });
    // The example has early, middle and late rows.
    expect(new Set(steps).size).toBeGreaterThan(2);
    const size = smallDataset.seqLen * smallDataset.vocabSize;
    steps.forEach((step, row) => {
      const ofRow = (tree: HostTree) => tree['logits']!.data.subarray(row * size, (row + 1) * size);
      expect(ofRow(kept.outputs)).toEqual(ofRow(all.trace[step - 1]!));
    });
    expect(kept.sums['count']).toBe(BATCH_SIZE);
    expect(kept.sums['steps']).toBe(steps.reduce((a, b) => a + b));
    expect(all.sums['steps']).toBe(BATCH_SIZE * small.haltMaxSteps);
  });
});

async function evaluate(model: Model, weights: HostTree, rows: EvaluationRows) {
  const engine = eagerEngine();
  const sizes = { batchSize: BATCH_SIZE, seqLen: smallDataset.seqLen };
  const outputs = ['logits', 'q_halt_logits', 'q_continue_logits'];
  const runner = await EvaluationRunner.compile(engine, model, sizes, { outputs });
  const state = await engine.upload(weights);
  await runner.open(state);
  return runner.run(state, rows, { averaged: false, trace: outputs });
}

/** Weights as drawn, with a q head that says something, and a random batch. */
function example(model: Model): { weights: HostTree; inputs: HostTree; rows: EvaluationRows } {
  const random = randomStream(3);
  const weights: Record<string, HostTensor> = {};
  for (const folder of ['parameters', 'buffers'] as const) {
    for (const [name, spec] of Object.entries(model[folder])) {
      weights[`${folder}/${name}`] = {
        shape: spec.shape,
        dtype: 'float32',
        data: initialise(spec, random.stream(name)),
      };
    }
  }
  const head = { shape: [8, 2], init: { kind: 'truncated-normal', std: 1 } } as const;
  const data = initialise(head, random.stream('q head'));
  weights['parameters/qHead/weight'] = { shape: head.shape, dtype: 'float32', data };
  weights['parameters/qHead/bias'] = float32([2], [-0.7, 1]);
  weights['tables/puzzleEmbedding'] = float32([3, 8], Array<number>(24).fill(0));

  const integers = (name: string, size: number, bound: number) => {
    const stream = random.stream('batch', name);
    return Int32Array.from({ length: size }, () => stream.integer(bound));
  };
  const { seqLen, vocabSize } = smallDataset;
  const rows = {
    inputs: integers('inputs', BATCH_SIZE * seqLen, vocabSize),
    labels: integers('labels', BATCH_SIZE * seqLen, vocabSize),
    puzzleIdentifiers: new Int32Array(BATCH_SIZE),
    count: BATCH_SIZE,
    firstExample: 0,
    ratings: null,
  };
  const int32 = (shape: number[], values: Int32Array<ArrayBuffer>): HostTensor => ({
    shape,
    dtype: 'int32',
    data: values,
  });
  const carry = Object.entries(model.initialCarry(BATCH_SIZE));
  const inputs = {
    ...Object.fromEntries(carry.map(([name, value]) => [`carry/${name}`, value])),
    'batch/inputs': int32([BATCH_SIZE, seqLen], rows.inputs),
    'batch/labels': int32([BATCH_SIZE, seqLen], rows.labels),
    'batch/puzzleIdentifiers': int32([BATCH_SIZE], rows.puzzleIdentifiers),
  };
  return { weights, inputs, rows };
}

function noiseFree(batchSize: number): HostTree {
  const data = new Int32Array(batchSize);
  return { 'noise/minSteps': { shape: [batchSize], dtype: 'int32', data } };
}

function float32(shape: number[], values: readonly number[]): HostTensor {
  return { shape, dtype: 'float32', data: Float32Array.from(values) };
}
