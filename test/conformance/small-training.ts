/** A small recursive model with a table, average and halting rows, and its training on any engine. */
import { homedir } from 'node:os';
import { join } from 'node:path';

import {
  EvaluationRunner,
  initialScratch,
  initialState,
  StepRunner,
  type BatchSizes,
  type TrainingParts,
} from '@eddy/core/training';
import { randomStream, type Engine, type HostBatch } from '@eddy/core';
import type { EvaluationRows } from '@eddy/core/data';
import { type HostTensor, type HostTree } from '@eddy/tensor';
import xlaCpu from '@eddy/engines/xla-cpu';
import { createTrm, trmConfig } from '@eddy/models';
import { AdamAtan2, Ema, SignSgd } from '@eddy/optimizers';
import { expect } from 'vitest';

/** Fewer identifiers than rows, so that devices share rows of the table. */
const DATASET = { vocabSize: 5, seqLen: 4, numPuzzleIdentifiers: 3 };
const cacheFolder = process.env['EDDY_CACHE'] ?? join(homedir(), '.cache', 'eddy');

export const ROWS = 8;
export const SIZES: BatchSizes = {
  globalBatchSize: ROWS,
  microBatchSize: ROWS,
  seqLen: DATASET.seqLen,
};
/** Some slots halt and are filled anew in between: see `haltMaxSteps`. */
const STEPS = 5;

const HALT_BIAS = 'parameters/qHead/bias';

const schedule = { warmupSteps: 0, minLearningRateRatio: 1, weightDecay: 0.1, learningRate: 1e-3 };
export const parts: TrainingParts = {
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

export async function newEngine(devices: number): Promise<Engine> {
  return xlaCpu.create(xlaCpu.config.parse({ devices, precision: 'float32' }), {
    cacheFolder,
    offline: process.env['EDDY_OFFLINE'] === '1',
    notify: (_level, text) => {
      console.log(text);
    },
    signal: new AbortController().signal,
  });
}

export interface Trained {
  readonly losses: readonly number[];
  readonly halted: readonly number[];
  readonly gradNorms: readonly number[];
  readonly firstBadTensors: readonly (string | undefined)[];
  readonly state: HostTree;
}

interface TrainOptions {
  readonly from?: number;
  readonly to?: number;
  readonly state?: HostTree;
}

/** Steps `from` + 1 … `to`, from the state after `from`. */
export async function trainOn(
  engine: Engine,
  { sizes = SIZES, ...options }: TrainOptions & { readonly sizes?: BatchSizes } = {},
): Promise<Trained> {
  const runner = await StepRunner.compile(engine, parts, sizes);
  try {
    return await trainWith(runner, engine, options);
  } finally {
    await runner.dispose();
  }
}

/** The same with a step that is compiled already. */
export async function trainWith(
  runner: StepRunner,
  engine: Engine,
  { from = 0, to = STEPS, state }: TrainOptions,
): Promise<Trained> {
  const { sizes } = runner;
  const initial = state ?? readyToHalt(initialState(parts, sizes, random));
  const tree = await engine.upload({ ...initial, ...initialScratch(parts, sizes) });
  try {
    const losses: number[] = [];
    const halted: number[] = [];
    const gradNorms: number[] = [];
    const firstBadTensors: (string | undefined)[] = [];
    for (let step = from + 1; step <= to; step++) {
      const batch = batchOf(step);
      const sums = await runner.run(tree, { batch, step, totalSteps: STEPS, random });
      losses.push(sums.loss);
      halted.push(sums.metrics['count']!);
      gradNorms.push(sums.gradNorm);
      firstBadTensors.push(sums.firstBadTensor);
    }
    return {
      losses,
      halted,
      gradNorms,
      firstBadTensors,
      state: await tree.read(Object.keys(initial)),
    };
  } finally {
    await tree.dispose();
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
export function expectClose(received: HostTree, expected: HostTree): void {
  expect(Object.keys(received).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, value] of Object.entries(expected)) {
    const worst = largest(value, received[name]);
    const bound = value.dtype === 'float32' ? 1e-4 * Math.max(largest(value), 1) : 0;
    expect(worst, name).toBeLessThanOrEqual(bound);
  }
}

/** The same training on other devices: losses, halts, norms, and the state that it ends with. */
export function expectSame(received: Trained, expected: Trained): void {
  expect(received.halted).toEqual(expected.halted);
  expected.losses.forEach((loss, i) => expect(received.losses[i]! / loss).toBeCloseTo(1, 5));
  expected.gradNorms.forEach((norm, i) => expect(received.gradNorms[i]! / norm).toBeCloseTo(1, 4));
  expectClose(received.state, expected.state);
}

/** Largest absolute value of a tensor, or of a difference. */
function largest({ data }: HostTensor, other?: HostTensor): number {
  return Array.from(data).reduce(
    (most, x, i) => Math.max(most, Math.abs(x - (other?.data[i] ?? 0))),
    0,
  );
}

export async function evaluateOn(engine: Engine, batchSize: number) {
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
