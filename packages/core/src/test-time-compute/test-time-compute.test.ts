import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

import { EvaluationRunner } from '../evaluate/evaluation-step.ts';
import { evaluationBatches } from '../data/evaluation-batches.ts';
import type { Augmentation } from '../contracts/dataset.ts';
import { initialState } from '../train/step/state.ts';
import { randomStream } from '../random/random-stream.ts';
import { eagerEngine } from '../testing/eager-engine.ts';
import { exampleMetadata, numberedGroups, splitOf } from '../testing/example-dataset.ts';
import { toyModel } from '../testing/toy-model.ts';
import { momentum, signDescent } from '../testing/toy-parts.ts';
import { choose } from './choose.ts';
import { measureCompute } from './measure.ts';
import { latentNoise, latentsOf } from './noise.ts';
import { Recording, type Candidate } from './recording.ts';
import { settingsOf, sweepEntry, trajectoriesOf } from './sweep.ts';
import type { ComputeSetting } from '../contracts/events.ts';
import { computeCsv } from './table.ts';
import { Tally } from './tally.ts';

beforeAll(() => setBackend('cpu'));

const model = toyModel({ ...exampleMetadata, identifiers: 10, maxSteps: 3 });
const { split, metadata } = splitOf('test', numberedGroups(Array.from({ length: 5 }, () => [1])));

const sweep = (entries: object[]) =>
  settingsOf(
    entries.map((entry) => sweepEntry.parse(entry)),
    model.maxSteps,
  );

interface Measured {
  readonly settings: ComputeSetting[];
  readonly batchSize?: number;
  readonly augmentation?: Augmentation;
}

async function measure({ settings, batchSize = 4, augmentation }: Measured) {
  const engine = eagerEngine();
  const parts = { model, optimizer: momentum(0.1), rowOptimizer: signDescent(0.1) };
  const sizes = { globalBatchSize: 4, microBatchSize: 4, seqLen: split.seqLen };
  const state = await engine.upload(initialState(parts, sizes, randomStream(3)));
  const latents = latentsOf(model);
  let ran = 0;
  const runner = await EvaluationRunner.compile(
    {
      ...engine,
      compile: async (program) => {
        const executable = await engine.compile(program);
        const run: typeof executable.run = (...args) => {
          ran += 1;
          return executable.run(...args);
        };
        return { ...executable, run, stats: executable.stats, outputs: {}, dispose: run as never };
      },
    },
    model,
    { batchSize, seqLen: split.seqLen },
    { outputs: ['preds', 'q_halt_logits'], noisy: latents },
  );
  const answers: number[][] = [];
  const witness = {
    requiredOutputs: ['preds'],
    begin: () => undefined,
    update: ({
      outputs,
      count,
    }: {
      outputs: Record<string, { data: ArrayLike<number> }>;
      count: number;
    }) => {
      const { data } = outputs['preds']!;
      for (let row = 0; row < count; row++) {
        answers.push(Array.from({ length: split.seqLen }, (_, i) => data[row * split.seqLen + i]!));
      }
    },
    result: () => ({ metrics: { witnessed: answers.length } }),
  };
  const results = await measureCompute({
    runner,
    state,
    averaged: false,
    split,
    metadata,
    tallies: settings.map((setting, i) => new Tally(setting, i === 0 ? [witness] : [])),
    latents,
    random: randomStream(5),
    ...(augmentation === undefined ? {} : { augmentation }),
  });
  await state.dispose();
  return { results, answers, ran };
}

describe('a sweep', () => {
  it('is every combination of what its entries list', () => {
    const settings = sweep([
      { steps: [1, 4], halt: [false, true] },
      { trajectories: [1, 8], noise: 0.5 },
    ]);
    expect(
      settings.map(({ curve, steps, trajectories, halt }) => [curve, steps, trajectories, halt]),
    ).toEqual([
      ['steps', 1, 1, false],
      ['steps', 4, 1, false],
      ['steps, halting', 1, 1, true],
      ['steps, halting', 4, 1, true],
      ['trajectories, 3 steps', 3, 1, false],
      ['trajectories, 3 steps', 3, 8, false],
    ]);
  });

  it('runs a trajectory that settings share once, as far as the longest needs', () => {
    const planned = trajectoriesOf(
      sweep([{ steps: [2, 6] }, { steps: 4, trajectories: 2, noise: [0.1, 0.2], halt: true }]),
    );
    expect(planned).toEqual([
      { view: 0, index: 0, noise: 0, steps: [2, 4, 6], halts: true, runsOn: true },
      { view: 0, index: 1, noise: 0.1, steps: [4], halts: true, runsOn: false },
      { view: 0, index: 1, noise: 0.2, steps: [4], halts: true, runsOn: false },
    ]);
  });

  it.each([{ steps: 0 }, { steps: [] }, { trajectories: 1.5 }, { noise: -1 }, { chose: 'mode' }])(
    'refuses %j',
    (entry) => expect(sweepEntry.safeParse(entry).success).toBe(false),
  );
});

describe('the answer', () => {
  const candidate = (token: number, qHalt: number): Candidate => ({
    answer: Uint8Array.of(token),
    qHalt,
    steps: 1,
  });

  it('is the surest, or the most frequent', () => {
    const candidates = [candidate(1, 0), candidate(2, 3), candidate(1, -1)];
    expect(choose(candidates, 'best-q').answer).toEqual(Uint8Array.of(2));
    expect(choose(candidates, 'mode')).toEqual(candidates[0]);
  });

  it('is the surer of two equally frequent ones', () => {
    const candidates = [candidate(1, 0), candidate(2, -5), candidate(2, 6), candidate(1, 0)];
    expect(choose(candidates, 'mode')).toEqual(candidates[2]);
  });
});

describe('a recording', () => {
  it('gives answers at a step, or where they halted before', () => {
    const recording = new Recording(2, { steps: [2, 3], halts: true }, (preds) => preds);
    recording.take(1, [1, 1, 1, 1], [-1, -1]);
    recording.take(2, [2, 2, 2, 2], [0.5, -1]);
    expect(recording.allHalted).toBe(false);
    recording.take(3, [3, 3, 3, 3], [-2, 1]);
    expect(recording.allHalted).toBe(true);
    const at = (row: number, steps: number, halt: boolean) => {
      const { answer, qHalt, steps: used } = recording.candidate(row, steps, halt);
      return [...answer, qHalt, used];
    };
    expect(at(0, 3, true)).toEqual([2, 2, 0.5, 2]);
    expect(at(0, 3, false)).toEqual([3, 3, -2, 3]);
    expect(at(1, 2, true)).toEqual([2, 2, -1, 2]);
  });

  it('does not take a q_halt that is no number for a wish to halt', () => {
    const recording = new Recording(1, { steps: [2], halts: true }, (preds) => preds);
    recording.take(1, [1], [Number.NaN]);
    recording.take(2, [2], [-1]);
    expect(recording.candidate(0, 2, true)).toMatchObject({ qHalt: -1, steps: 2 });
  });
});

describe('a tally', () => {
  it('has room for as many candidates as a sweep may ask for', async () => {
    const [setting] = sweep([{ trajectories: 4096, views: 4096 }]);
    const [batch] = evaluationBatches({ split, metadata, batchSize: 1, maxExamples: 1 });
    // The label of the first example is [0, 0, 3, 4], of which the zeros are not scored.
    const candidates = Array.from({ length: 300_000 }, (_, i): Candidate => {
      const answer = Uint8Array.of(i % 256, (i >> 8) % 256, i === 7 ? 3 : 5, 4);
      return { answer, qHalt: i === 9 ? 1 : 0, steps: 1 };
    });
    const tally = new Tally(setting!);
    tally.add(batch!, () => candidates);
    const { metrics } = await tally.result();
    expect(metrics).toMatchObject({ exact_accuracy: 0, accuracy: 0.5, exact_accuracy_any: 1 });
  });
});

describe('noise', () => {
  it('has the asked spread and belongs to the example, not to its place', () => {
    const noiseOf = (firstExample: number, batchSize: number) =>
      latentNoise({
        ...{ model, batchSize, latents: ['z'], scale: 0.5, random: randomStream(1) },
        ...{ firstExample, count: batchSize, step: 2 },
      })['z']!.data as Float32Array;
    const many = noiseOf(0, 2000);
    const variance = many.reduce((sum, value) => sum + value * value, 0) / many.length;
    expect(Math.sqrt(variance)).toBeCloseTo(0.5, 2);
    const size = many.length / 2000;
    expect([...noiseOf(7, 1)]).toEqual([...many.subarray(7 * size, 8 * size)]);
  });
});

describe('measuring', () => {
  it('agrees with evaluation at the model’s last step', async () => {
    const { results, answers } = await measure({ settings: sweep([{}]) });
    const engine = eagerEngine();
    const parts = { model, optimizer: momentum(0.1), rowOptimizer: signDescent(0.1) };
    const sizes = { globalBatchSize: 4, microBatchSize: 4, seqLen: split.seqLen };
    const state = await engine.upload(initialState(parts, sizes, randomStream(3)));
    const runner = await EvaluationRunner.compile(
      engine,
      model,
      { batchSize: 5, seqLen: split.seqLen },
      { outputs: ['preds'] },
    );
    await runner.open(state);
    const [batch] = evaluationBatches({ split, metadata, batchSize: 5 });
    const { outputs } = await runner.run(state, batch!, { averaged: false });
    expect(answers.flat()).toEqual([...outputs['preds']!.data]);
    expect(results[0]).toMatchObject({ compute: 3, examples: 5, metrics: { witnessed: 5 } });
  });

  it('goes on beyond the model’s last step', async () => {
    const { results, ran } = await measure({ settings: sweep([{ steps: [1, 3, 7] }]) });
    expect(results.map(({ compute }) => compute)).toEqual([1, 3, 7]);
    expect(ran).toBe(2 * 7); // two batches, once each
    // Step 7 is reached from step 3 without a restart: the latent of the toy has moved on.
    const far = (await measure({ settings: sweep([{ steps: 7 }]) })).answers;
    const again = (await measure({ settings: sweep([{ steps: 7 }]), batchSize: 2 })).answers;
    expect(far).toEqual(again);
  });

  it('counts the steps until a row halts, and stops when all have', async () => {
    // The toy halts, with q_halt above 0, after the first step.
    const { results, ran } = await measure({ settings: sweep([{ steps: 3, halt: true }]) });
    expect(results[0]!.compute).toBe(1);
    expect(ran).toBe(2);
  });

  it('does not depend on how examples are batched, noise included', async () => {
    const settings = sweep([{ steps: 3, trajectories: 4, noise: 2, choose: 'mode' }]);
    const fours = await measure({ settings, batchSize: 4 });
    const twos = await measure({ settings, batchSize: 2 });
    expect(fours.answers).toEqual(twos.answers);
    expect(fours.results).toEqual(twos.results);
    expect(fours.results[0]!.compute).toBe(12);
    expect(fours.results[0]!.metrics['exact_accuracy_any']).toBeGreaterThanOrEqual(
      fours.results[0]!.metrics['exact_accuracy_best_q']!,
    );
  });

  it('moves answers by noise, but not those of the first trajectory', async () => {
    const plain = await measure({ settings: sweep([{ steps: 3 }]) });
    const first = await measure({
      settings: sweep([{ steps: 3 }, { steps: 3, trajectories: 3, noise: 5 }]),
    });
    expect(first.answers).toEqual(plain.answers);
    const noisy = await measure({
      settings: sweep([{ steps: 3, trajectories: 9, noise: 5, choose: 'mode' }]),
    });
    expect(noisy.answers).not.toEqual(plain.answers);
  });

  it('turns the answers to views back', async () => {
    const made: number[] = [];
    const undone: number[] = [];
    // Cyclic renaming of tokens.
    const shift = (tokens: Uint8Array, by: number) => tokens.map((token) => (token + by + 11) % 11);
    const augmentation: Augmentation = {
      numVersions: 1,
      mode: 'on-the-fly',
      splits: ['train'],
      apply: (example, random) => {
        const by = 1 + random.integer(9);
        made.push(by);
        return { ...example, input: shift(example.input, by) };
      },
      invert(answer, random) {
        const by = 1 + random.integer(9);
        undone.push(by);
        return shift(answer, -by);
      },
    };
    const settings = sweep([{ steps: 3, views: 3 }]);
    const { results, answers } = await measure({ settings, augmentation });
    expect(results[0]!.compute).toBe(9);
    // Each of two versions of five puzzles, by what made it.
    expect(made).toHaveLength(10);
    expect(undone).toEqual(made);
    expect(new Set(made).size).toBeGreaterThan(2);
    const again = await measure({ settings, augmentation, batchSize: 1 });
    expect(again.answers).toEqual(answers);
  });

  it('writes a table that a spreadsheet reads', async () => {
    const settings = sweep([{ name: 'a, "b"', steps: [1, 2] }]);
    const { results } = await measure({ settings });
    const lines = computeCsv(results).split('\r\n');
    expect(lines[0]).toMatch(
      /^curve,steps,trajectories,noise,views,halt,choose,compute,examples,exact_accuracy,accuracy/,
    );
    expect(lines[2]).toMatch(/^"a, ""b""",2,1,0.2,1,false,best-q,2,5,/);
    expect(lines).toHaveLength(4);
  });
});
