import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import { memory, setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

import type { HostBatch } from '../../contracts/dataset.ts';
import type { DeviceTree } from '../../contracts/engine.ts';
import { randomStream } from '../../random/random-stream.ts';
import type { HostTree } from '@eddy/tensor/spec';
import { eagerEngine } from '../../testing/eager-engine.ts';
import { toyModel } from '../../testing/toy-model.ts';
import { halfAverage, momentum, signDescent } from '../../testing/toy-parts.ts';
import { initialScratch, initialState, stateSpecs } from './state.ts';
import type { BatchSizes, TrainingParts } from './parts.ts';
import { StepRunner } from './step-runner.ts';

const VOCAB = 5;
const SEQ_LEN = 3;
const GLOBAL = 6;
const random = randomStream(7);
const engine = eagerEngine();

const parts: TrainingParts = {
  model: toyModel({ vocabSize: VOCAB, seqLen: SEQ_LEN }),
  optimizer: momentum(0.1),
  rowOptimizer: signDescent(0.001),
  averager: halfAverage,
};

beforeAll(() => setBackend('cpu'));

/** One token a row, which is its label too: learnable; identifiers repeat. */
function batchOf(step: number): HostBatch {
  const draws = random.stream('batch', step);
  const tokens = Int32Array.from({ length: GLOBAL }, () => draws.integer(VOCAB));
  const inputs = Int32Array.from(
    { length: GLOBAL * SEQ_LEN },
    (_, i) => tokens[Math.floor(i / SEQ_LEN)]!,
  );
  const labels = inputs.map((_, i) => (i % SEQ_LEN === 0 ? inputs[i]! : -100));
  const puzzleIdentifiers = Int32Array.from({ length: GLOBAL }, (_, row) => row % 3);
  return { inputs, labels, puzzleIdentifiers, count: GLOBAL };
}

function sizesOf(microBatchSize: number): BatchSizes {
  return { globalBatchSize: GLOBAL, microBatchSize, seqLen: SEQ_LEN };
}

async function start(sizes: BatchSizes): Promise<{ runner: StepRunner; state: DeviceTree }> {
  const runner = await StepRunner.compile(engine, parts, sizes);
  const state = await engine.upload({
    ...initialState(parts, sizes, random),
    ...initialScratch(parts, sizes),
  });
  return { runner, state };
}

async function runSteps(microBatchSize: number, steps: number) {
  const sizes = sizesOf(microBatchSize);
  const { runner, state } = await start(sizes);
  const reports = [];
  for (let step = 1; step <= steps; step++) {
    const inputs = { batch: batchOf(step), step, totalSteps: steps, random };
    reports.push(await runner.run(state, inputs));
  }
  const final = await state.read(Object.keys(stateSpecs(parts, sizes)));
  await state.dispose();
  return { reports, final };
}

describe('a training step', () => {
  it('learns', async () => {
    const { reports } = await runSteps(GLOBAL, 60);
    expect(reports[0]!.firstBadTensor).toBeUndefined();
    expect(reports.at(-1)!.loss).toBeLessThan(0.5 * reports[0]!.loss);
    expect(reports.at(-1)!.metrics['exact_accuracy']).toBeGreaterThanOrEqual(
      reports[1]!.metrics['exact_accuracy']!,
    );
  });

  it('gives the gradient of a finite difference', async () => {
    const sizes = sizesOf(GLOBAL);
    const { runner, state } = await start(sizes);
    const before = await state.read();
    const inputs = { batch: batchOf(1), step: 1, totalSteps: 1, random };
    const lossAt = async (change: number): Promise<number> => {
      const data = (before['parameters/head']!.data as Float32Array).slice();
      data[7]! += change;
      await state.write({ ...before, 'parameters/head': { ...before['parameters/head']!, data } });
      return (await runner.run(state, inputs)).loss / GLOBAL;
    };
    const difference = ((await lossAt(0.02)) - (await lossAt(-0.02))) / 0.04;
    await state.write(before);
    await runner.run(state, inputs);
    const velocity = await state.read(['slots/v/head']);
    expect(velocity['slots/v/head']!.data[7]).toBeCloseTo(difference, 4);
    await state.dispose();
  });

  it('leaves no tensor behind', async () => {
    const { runner, state } = await start(sizesOf(GLOBAL));
    const before = memory().numTensors;
    await runner.run(state, { batch: batchOf(1), step: 1, totalSteps: 2, random });
    expect(memory().numTensors).toBe(before);
    await state.dispose();
  });

  it('keeps the average of the parameters, and the buffers as they were', async () => {
    const { runner, state } = await start(sizesOf(GLOBAL));
    const before = await state.read();
    await runner.run(state, { batch: batchOf(1), step: 1, totalSteps: 1, random });
    const after = await state.read();
    const p0 = before['parameters/bias']!.data;
    const p1 = after['parameters/bias']!.data;
    expect(p1).not.toEqual(p0);
    after['average/bias']!.data.forEach((value, i) => {
      expect(value).toBeCloseTo(0.5 * (p0[i]! + p1[i]!), 6);
    });
    expect(after['buffers/start']).toEqual(before['buffers/start']);
    await state.dispose();
  });

  it('names the first tensor that is not finite', async () => {
    const { runner, state } = await start(sizesOf(GLOBAL));
    const poisoned = await state.read(['tables/puzzles']);
    poisoned['tables/puzzles']!.data[0] = Number.NaN;
    await state.write(poisoned);
    const report = await runner.run(state, { batch: batchOf(1), step: 1, totalSteps: 1, random });
    expect(report.firstBadTensor).toBe('loss');
    await state.dispose();
  });
});

describe.each([1, 2, 3])('micro-batches of %i rows', (microBatchSize) => {
  it('give the result of the whole batch', async () => {
    const whole = await runSteps(GLOBAL, 5);
    const cut = await runSteps(microBatchSize, 5);
    cut.reports.forEach((report, step) => {
      expect(report.loss).toBeCloseTo(whole.reports[step]!.loss, 4);
      expect(report.gradNorm).toBeCloseTo(whole.reports[step]!.gradNorm, 4);
      expect(report.metrics['count']).toBe(whole.reports[step]!.metrics['count']);
    });
    for (const name of Object.keys(whole.final).filter((n) => !n.startsWith('carry'))) {
      expectClose(name, cut.final, whole.final);
    }
  });

  it('leave empty accumulators', async () => {
    const sizes = sizesOf(microBatchSize);
    const { runner, state } = await start(sizes);
    await runner.run(state, { batch: batchOf(1), step: 1, totalSteps: 1, random });
    const after = await state.read(['gradients/head', 'sums']);
    expect(after['gradients/head']!.data.every((value) => value === 0)).toBe(true);
    expect(after['sums']!.data.every((value) => value === 0)).toBe(true);
    await state.dispose();
  });
});

function expectClose(name: string, actual: HostTree, expected: HostTree): void {
  const values = Float64Array.from(expected[name]!.data);
  const scale = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  actual[name]!.data.forEach((value, i) => {
    expect(Math.abs(value - values[i]!), `${name}[${i}]`).toBeLessThanOrEqual(1e-5 * scale);
  });
}
