/** A recursive model with its puzzle table trained on several devices, against one. */
import { homedir } from 'node:os';
import { join } from 'node:path';

import {
  EvaluationRunner,
  initialScratch,
  initialState,
  randomStream,
  StepRunner,
  type BatchSizes,
  type Engine,
  type EvaluationRows,
  type HostBatch,
  type HostTensor,
  type HostTree,
  type TrainingParts,
} from '@eddy/core';
import xlaCpu from '@eddy/engines/xla-cpu';
import { createTrm, trmConfig } from '@eddy/models';
import { AdamAtan2, Ema, SignSgd } from '@eddy/optimizers';
import { afterAll, describe, expect, it } from 'vitest';

/** Fewer identifiers than rows, so that devices share rows of the table. */
const DATASET = { vocabSize: 5, seqLen: 4, numPuzzleIdentifiers: 3 };
const ROWS = 8;
const SIZES: BatchSizes = { globalBatchSize: ROWS, microBatchSize: ROWS, seqLen: DATASET.seqLen };
/** Some slots halt and are filled anew in between: see `haltMaxSteps`. */
const STEPS = 5;

const HALT_BIAS = 'parameters/qHead/bias';

const schedule = { warmupSteps: 0, minLearningRateRatio: 1, weightDecay: 0.1, learningRate: 1e-3 };
const parts: TrainingParts = {
  model: createTrm(
    trmConfig.parse({
      hiddenSize: 16,
      numHeads: 2,
      hCycles: 2,
      lCycles: 2,
      numLayers: 1,
      haltMaxSteps: 3,
      haltExplorationProbability: 0.5,
    }),
    DATASET,
  ),
  optimizer: new AdamAtan2({ ...schedule, beta1: 0.9, beta2: 0.95, variant: 'reference' }),
  rowOptimizer: new SignSgd(schedule),
  averager: new Ema({ rate: 0.9 }),
};
const random = randomStream(0);

const engines = new Map<number, Promise<Engine>>();
afterAll(async () => {
  for (const engine of engines.values()) await (await engine).dispose();
});

async function newEngine(devices: number): Promise<Engine> {
  return xlaCpu.create(xlaCpu.config.parse({ devices, precision: 'float32' }), {
    cacheFolder: process.env['EDDY_CACHE'] ?? join(homedir(), '.cache', 'eddy'),
    offline: process.env['EDDY_OFFLINE'] === '1',
    notify: (_level, text) => {
      console.log(text);
    },
  });
}

function engineOn(devices: number): Promise<Engine> {
  const engine = engines.get(devices) ?? newEngine(devices);
  engines.set(devices, engine);
  return engine;
}

interface Trained {
  readonly losses: readonly number[];
  readonly halted: readonly number[];
  readonly gradNorms: readonly number[];
  readonly state: HostTree;
}

/** Steps `from` + 1 … `to`, from the state after `from`. */
async function trainOn(
  engine: Engine,
  options: { sizes?: BatchSizes; from?: number; to?: number; state?: HostTree } = {},
): Promise<Trained> {
  const { sizes = SIZES, from = 0, to = STEPS } = options;
  const initial = options.state ?? readyToHalt(initialState(parts, sizes, random));
  const runner = await StepRunner.compile(engine, parts, sizes);
  const tree = await engine.upload({ ...initial, ...initialScratch(parts, sizes) });
  try {
    const losses: number[] = [];
    const halted: number[] = [];
    const gradNorms: number[] = [];
    for (let step = from + 1; step <= to; step++) {
      const batch = batchOf(step);
      const sums = await runner.run(tree, { batch, step, totalSteps: STEPS, random });
      losses.push(sums.loss);
      halted.push(sums.metrics['count']!);
      gradNorms.push(sums.gradNorm);
    }
    return { losses, halted, gradNorms, state: await tree.read(Object.keys(initial)) };
  } finally {
    await tree.dispose();
    await runner.dispose();
  }
}

/** As after some training: rows halt when exploration lets them, each at a step of its own. */
function readyToHalt(state: HostTree): HostTree {
  const bias = state[HALT_BIAS]!;
  return { ...state, [HALT_BIAS]: { ...bias, data: Float32Array.from(bias.data, () => 1) } };
}

function batchOf(step: number): HostBatch {
  const stream = random.stream('batch', step);
  const integers = (name: string, length: number, bound: number) => {
    const values = stream.stream(name);
    return Int32Array.from({ length }, () => values.integer(bound));
  };
  return {
    inputs: integers('inputs', ROWS * DATASET.seqLen, DATASET.vocabSize),
    labels: integers('labels', ROWS * DATASET.seqLen, DATASET.vocabSize),
    puzzleIdentifiers: integers('ids', ROWS, DATASET.numPuzzleIdentifiers),
    count: ROWS,
  };
}

/**
 * Float32 sums in another order: within 1e-4 of the tensor's largest value, or of 1 where that is
 * less. AdamATan2 turns the smallest gradients into whole steps, but those are a thousandth.
 */
function expectClose(received: HostTree, expected: HostTree): void {
  expect(Object.keys(received).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, value] of Object.entries(expected)) {
    const worst = largest(value, received[name]);
    const bound = value.dtype === 'float32' ? 1e-4 * Math.max(largest(value), 1) : 0;
    expect(worst, name).toBeLessThanOrEqual(bound);
  }
}

/** Largest absolute value of a tensor, or of a difference. */
function largest({ data }: HostTensor, other?: HostTensor): number {
  return Array.from(data).reduce(
    (most, x, i) => Math.max(most, Math.abs(x - (other?.data[i] ?? 0))),
    0,
  );
}

describe.each([2, 4])('training on %i devices', (devices) => {
  it('ends where one device ends, with the same losses and halts', async () => {
    const one = await trainOn(await engineOn(1));
    const several = await trainOn(await engineOn(devices));
    expect(one.halted.some((count) => count > 0 && count < ROWS)).toBe(true);
    expect(several.halted).toEqual(one.halted);
    one.losses.forEach((loss, i) => expect(several.losses[i]! / loss).toBeCloseTo(1, 5));
    one.gradNorms.forEach((norm, i) => expect(several.gradNorms[i]! / norm).toBeCloseTo(1, 4));
    expectClose(several.state, one.state);
  });

  it('over micro-batches too', async () => {
    const sizes = { ...SIZES, microBatchSize: 4 };
    const one = await trainOn(await engineOn(1), { sizes });
    const several = await trainOn(await engineOn(devices), { sizes });
    expect(several.halted).toEqual(one.halted);
    expectClose(several.state, one.state);
  });

  it('evaluates as one device does', async () => {
    const answers = await Promise.all(
      [1, devices].map(async (n) => evaluateOn(await engineOn(n), ROWS)),
    );
    expect(answers[1]!.preds).toEqual(answers[0]!.preds);
    for (const [name, sum] of Object.entries(answers[0]!.sums)) {
      expect(answers[1]!.sums[name], name).toBeCloseTo(sum, 3);
    }
  });
});

it('evaluates a batch that the devices cannot share', async () => {
  const [one, two] = [
    await evaluateOn(await engineOn(1), 3),
    await evaluateOn(await engineOn(2), 3),
  ];
  expect(two.preds).toEqual(one.preds);
});

describe('a run on two devices', () => {
  it('that lost its engine goes on bit for bit from its last state', async () => {
    const whole = await trainOn(await engineOn(2));
    const lost = await newEngine(2);
    const before = await trainOn(lost, { to: 2 });
    process.kill((lost as unknown as { pid: number }).pid, 'SIGKILL');
    const resumed = await newEngine(2);
    const after = await trainOn(resumed, { from: 2, state: before.state });
    await Promise.all([lost.dispose(), resumed.dispose()]);
    expect([...before.losses, ...after.losses]).toEqual(whole.losses);
    expect(after.state).toEqual(whole.state);
  });

  it('goes on on four', async () => {
    const whole = await trainOn(await engineOn(2));
    const before = await trainOn(await engineOn(2), { to: 2 });
    const after = await trainOn(await engineOn(4), { from: 2, state: before.state });
    expectClose(after.state, whole.state);
  });
});

async function evaluateOn(engine: Engine, batchSize: number) {
  const { model } = parts;
  const state = await engine.upload(initialState(parts, SIZES, random));
  const sizes = { batchSize, seqLen: DATASET.seqLen };
  const runner = await EvaluationRunner.compile(engine, model, sizes, { outputs: ['preds'] });
  await runner.open(state);
  const { inputs, labels, puzzleIdentifiers } = batchOf(1);
  const cells = batchSize * DATASET.seqLen;
  const rows: EvaluationRows = {
    inputs: inputs.subarray(0, cells),
    labels: labels.subarray(0, cells),
    puzzleIdentifiers: puzzleIdentifiers.subarray(0, batchSize),
    count: batchSize,
    firstExample: 0,
    ratings: null,
  };
  const { sums, outputs } = await runner.run(state, rows, { averaged: true });
  await state.dispose();
  return { sums, preds: outputs['preds'] };
}
