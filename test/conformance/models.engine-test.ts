/** Every model on TensorFlow against op-by-op TF.js: each step, and whole training steps. */
import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import { setBackend } from '@tensorflow/tfjs-core';
import { initialState, StepRunner, type TrainingParts } from '@eddy/core/training';
import { randomStream, type Engine, type Model } from '@eddy/core';
import { type HostTensor, type HostTree } from '@eddy/tensor';
import { modelEngineSuite, type ModelEngineSuite } from '@eddy/core/testing';
import {
  createHrm,
  createTransformer,
  createTrm,
  createTrmHier6,
  createTrmSinglez,
  hrmConfig,
  transformerConfig,
  trmConfig,
  trmHier6Config,
  trmSinglezConfig,
} from '@eddy/models';
import { AdamAtan2, Ema, SignSgd } from '@eddy/optimizers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { disposeEngines, engineFor, whyAbsent } from '../parity/engine-for.ts';
import { randomBatch } from './random-batch.ts';

const dataset = { vocabSize: 5, seqLen: 4, numPuzzleIdentifiers: 3 };
const small = { hiddenSize: 8, numHeads: 2, haltMaxSteps: 3 };
const cycles = { ...small, hCycles: 2, lCycles: 2, numLayers: 1 };

/** One of each plugin, and of the options those that change what is computed. */
const MODELS: Record<string, Pick<ModelEngineSuite, 'config' | 'options' | 'create'>> = {
  trm: { config: trmConfig, options: cycles, create: createTrm },
  'trm with mlpT': {
    config: trmConfig,
    options: { ...cycles, mlpT: true, positionEncoding: 'none' },
    create: createTrm,
  },
  'trm with a continue head and softmax': {
    config: trmConfig,
    options: { ...cycles, noActContinue: false, loss: 'softmax', positionEncoding: 'learned' },
    create: createTrm,
  },
  'trm-singlez': { config: trmSinglezConfig, options: cycles, create: createTrmSinglez },
  'trm-hier6': { config: trmHier6Config, options: cycles, create: createTrmHier6 },
  hrm: { config: hrmConfig, options: { ...small, hLayers: 1, lLayers: 1 }, create: createHrm },
  transformer: { config: transformerConfig, options: small, create: createTransformer },
};

beforeAll(() => setBackend('cpu'));
afterAll(disposeEngines);

// XLA runs the models in the parity lane: compiling all of these would take minutes.
const absence = await whyAbsent('tensorflow');
if (absence === null) tensorflowSuite();
else {
  it('models on tensorflow', ({ skip }) => {
    skip(absence);
  });
}

function tensorflowSuite(): void {
  for (const [name, model] of Object.entries(MODELS)) {
    modelEngineSuite({
      name,
      ...model,
      dataset,
      // Layers at their initial weights amplify rounding.
      tolerance: 1e-3,
      engines: { tensorflow: sharedTensorflow },
    });
  }

  describe('training on tensorflow', () => {
    it.each(Object.entries(MODELS))(
      'of %s ends where the oracle ends',
      async (_, { config, options, create }) => {
        const parts = partsOf(await create(config.parse(options), dataset));
        const expected = await train(await engineFor('oracle'), parts);
        const received = await train(await engineFor('tensorflow'), parts);
        received.losses.forEach((loss, i) => {
          expect(loss / expected.losses[i]!).toBeCloseTo(1, 4);
        });
        expect(Object.keys(received.state).sort()).toEqual(Object.keys(expected.state).sort());
        for (const [path, value] of Object.entries(expected.state)) {
          expectClose(path, received.state[path]!, value);
        }
      },
    );
  });
}

/** An engine that the suite may dispose and that lives on. */
async function sharedTensorflow(): Promise<Engine> {
  const engine = await engineFor('tensorflow');
  return {
    info: engine.info,
    compile: (program) => engine.compile(program),
    upload: (tree) => engine.upload(tree),
    memory: () => engine.memory(),
    dispose: () => Promise.resolve(),
  };
}

const STEPS = 3;
const BATCH_SIZE = 4;
const LEARNING_RATE = 1e-3;

function partsOf(model: Model): TrainingParts {
  const schedule = { warmupSteps: 0, minLearningRateRatio: 1, weightDecay: 0.1 };
  return {
    model,
    optimizer: new AdamAtan2({
      ...schedule,
      learningRate: LEARNING_RATE,
      beta1: 0.9,
      beta2: 0.95,
      variant: 'reference',
    }),
    rowOptimizer: new SignSgd({ ...schedule, learningRate: LEARNING_RATE }),
    averager: new Ema({ rate: 0.9 }),
  };
}

/** Whole training steps: forward, backward, both optimizers and the average. */
async function train(
  engine: Engine,
  parts: TrainingParts,
): Promise<{ readonly losses: number[]; readonly state: HostTree }> {
  const sizes = {
    globalBatchSize: BATCH_SIZE,
    microBatchSize: BATCH_SIZE,
    seqLen: dataset.seqLen,
  };
  const random = randomStream(0);
  const runner = await StepRunner.compile(engine, parts, sizes);
  const state = await engine.upload(initialState(parts, sizes, random));
  try {
    const losses: number[] = [];
    for (let step = 1; step <= STEPS; step++) {
      const batch = randomBatch(random.stream('batch', step), dataset, BATCH_SIZE);
      const { metrics } = await runner.run(state, { batch, step, totalSteps: STEPS, random });
      losses.push(metrics['lm_loss']!);
    }
    return { losses, state: await state.read() };
  } finally {
    await state.dispose();
    await runner.dispose();
  }
}

/** Within a thousandth of the tensor's largest value. */
function expectClose(path: string, received: HostTensor, expected: HostTensor): void {
  expect(received.shape, path).toEqual(expected.shape);
  const values = Array.from(expected.data);
  const largest = Math.max(...values.map(Math.abs));
  const bound = expected.dtype === 'float32' ? 1e-3 * largest : 0;
  const worst = Math.max(...values.map((x, i) => Math.abs(x - received.data[i]!)));
  expect(worst, `${path}, of ${largest}`).toBeLessThanOrEqual(bound);
}
