import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import {
  add,
  cast,
  div,
  equal,
  memory,
  min,
  mul,
  notEqual,
  setBackend,
  sqrt,
  square,
  sum,
  type Scalar,
} from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

import type { HostBatch } from '../../contracts/dataset.ts';
import type { Model } from '../../contracts/model.ts';
import { randomStream } from '../../random/random-stream.ts';
import type { HostTree } from '@eddy/tensor/spec';
import { eagerEngine } from '../../testing/eager-engine.ts';
import { toyModel } from '../../testing/toy-model.ts';
import { halfAverage, momentum, signDescent } from '../../testing/toy-parts.ts';
import type { StepSums } from './metrics.ts';
import { initialCarries, initialScratch, initialState, stateSpecs, weightSpecs } from './state.ts';
import type { BatchSizes, TrainingParts } from './parts.ts';
import { StepRunner } from './step-runner.ts';

const SEQ_LEN = 3;
const GLOBAL = 6;
/** Tokens that spoil a step: its loss, or only the gradient of the loss. */
const SPOILS_LOSS = 4;
const SPOILS_GRADIENT = 3;
const VOCAB = 5;
const random = randomStream(7);
const engine = eagerEngine();

beforeAll(() => setBackend('cpu'));

/** The toy model, with a term 0 in its loss that two tokens spoil. */
function spoilable(): Model {
  const model = toyModel({ vocabSize: VOCAB, seqLen: SEQ_LEN });
  return {
    ...model,
    step(args) {
      const result = model.step(args);
      const inputs = args.carry['inputs']!;
      // 0 where the token is there.
      const without = (token: number) => min(cast(notEqual(inputs, token), 'float32'));
      const zero = mul(0, sum(cast(equal(inputs, 0), 'float32')));
      const lossTerm = div(zero, without(SPOILS_LOSS));
      // √0 has no derivative.
      const squares = sum<Scalar>(square(args.parameters['embed']!));
      const gradientTerm = mul(1e-3, sqrt(mul(squares, without(SPOILS_GRADIENT))));
      return { ...result, loss: add<Scalar>(result.loss, add(lossTerm, gradientTerm)) };
    },
  };
}

function partsFor(nonFinite: TrainingParts['nonFinite']): TrainingParts {
  return {
    model: spoilable(),
    optimizer: momentum(0.1),
    rowOptimizer: signDescent(0.001),
    averager: halfAverage,
    nonFinite,
  };
}

function sizesOf(microBatchSize: number): BatchSizes {
  return { globalBatchSize: GLOBAL, microBatchSize, seqLen: SEQ_LEN };
}

function batchOf(step: number, token?: number): HostBatch {
  const draws = random.stream('batch', step);
  const inputs = Int32Array.from({ length: GLOBAL * SEQ_LEN }, () => draws.integer(3));
  if (token !== undefined) inputs[SEQ_LEN] = token;
  const labels = inputs.map((_, i) => (i % SEQ_LEN === 0 ? inputs[i]! % 3 : -100));
  const puzzleIdentifiers = Int32Array.from({ length: GLOBAL }, (_, row) => row % 3);
  return { inputs, labels, puzzleIdentifiers, count: GLOBAL };
}

interface Trained {
  readonly reports: readonly StepSums[];
  readonly state: HostTree;
  readonly scratch: HostTree;
}

/** The batches of these steps, from a state; `spoilt` gives steps their bad token. */
async function train(
  parts: TrainingParts,
  sizes: BatchSizes,
  steps: readonly number[],
  options: { readonly spoilt?: Readonly<Record<number, number>>; readonly from?: HostTree } = {},
): Promise<Trained> {
  const runner = await StepRunner.compile(engine, parts, sizes);
  const scratch = initialScratch(parts, sizes);
  const state = options.from ?? initialState(parts, sizes, random);
  const tree = await engine.upload({ ...state, ...scratch });
  const reports: StepSums[] = [];
  for (const step of steps) {
    const batch = batchOf(step, options.spoilt?.[step]);
    reports.push(await runner.run(tree, { batch, step, totalSteps: 9, random }));
  }
  const result = {
    reports,
    state: await tree.read(Object.keys(stateSpecs(parts, sizes))),
    scratch: await tree.read(Object.keys(scratch)),
  };
  await tree.dispose();
  return result;
}

function weightsOf(parts: TrainingParts, state: HostTree): HostTree {
  return Object.fromEntries(Object.keys(weightSpecs(parts)).map((name) => [name, state[name]!]));
}

describe.each([
  ['loss', SPOILS_LOSS, GLOBAL],
  ['loss', SPOILS_LOSS, 2],
  ['gradients/embed', SPOILS_GRADIENT, GLOBAL],
  ['gradients/embed', SPOILS_GRADIENT, 3],
])('a step whose %s is not finite', (tensor, token, microBatchSize) => {
  const sizes = sizesOf(microBatchSize);
  const parts = partsFor('skip');

  it(`is as if it had not been, in micro-batches of ${microBatchSize}`, async () => {
    const spoilt = { 1: token };
    const skipping = await train(parts, sizes, [1, 2, 3, 4], { spoilt });
    expect(skipping.reports.map(({ firstBadTensor }) => firstBadTensor)).toEqual([
      tensor,
      undefined,
      undefined,
      undefined,
    ]);
    const without = await train(partsFor('stop'), sizes, [2, 3, 4]);
    expect(skipping.state).toEqual(without.state);
    expect(skipping.reports.slice(1)).toEqual(without.reports);
  });

  it(`keeps every weight and frees every slot, in micro-batches of ${microBatchSize}`, async () => {
    const before = await train(parts, sizes, [1, 2]);
    // In step 3 all slots are filled anew: `maxSteps` is 2.
    const after = await train(parts, sizes, [1, 2, 3], { spoilt: { 3: token } });
    expect(weightsOf(parts, after.state)).toEqual(weightsOf(parts, before.state));
    expect(after.state).toEqual({ ...before.state, ...initialCarries(parts.model, sizes) });
    for (const [name, { data }] of Object.entries(after.scratch)) {
      if (!/^row/.test(name))
        expect(
          [...data].every((value) => value === 0),
          name,
        ).toBe(true);
    }
  });
});

it('goes on with rows of the next batch where a latent is not finite', async () => {
  const sizes = sizesOf(GLOBAL);
  const parts = partsFor('skip');
  const { state } = await train(parts, sizes, [1]);
  state['carry/z']!.data[3] = Number.NaN;
  const skipped = await train(parts, sizes, [2], { from: state });
  expect(skipped.reports[0]!.firstBadTensor).toBe('loss');
  expect(skipped.state).toEqual({ ...state, ...initialCarries(parts.model, sizes) });
  const { reports } = await train(parts, sizes, [3], { from: skipped.state });
  expect(reports[0]!.firstBadTensor).toBeUndefined();
});

it('changes no step that is finite', async () => {
  for (const microBatchSize of [GLOBAL, 2]) {
    const sizes = sizesOf(microBatchSize);
    const skipping = await train(partsFor('skip'), sizes, [1, 2, 3]);
    expect(skipping).toEqual(await train(partsFor('stop'), sizes, [1, 2, 3]));
  }
});

it('leaves no tensor behind', async () => {
  const before = memory().numTensors;
  await train(partsFor('skip'), sizesOf(2), [1, 2], { spoilt: { 1: SPOILS_LOSS } });
  expect(memory().numTensors).toBe(before);
});
