import '@tensorflow/tfjs';

import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { setBackend } from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { latestCheckpoint, listCheckpoints } from '../checkpoint/checkpoint.ts';
import type { DatasetArtifact } from '../data/dataset-artifact.ts';
import type { DeviceTree, Engine, Executable, RunOptions } from '../engine/engine.ts';
import { EddyError } from '../errors.ts';
import { randomStream } from '../random/random-stream.ts';
import type { Optimizer } from '../optimizer/optimizer.ts';
import { createEventBus } from '../run/event-bus.ts';
import type { RunEvent } from '../run/events.ts';
import type { HostTree } from '../tensor/spec.ts';
import { eagerEngine } from '../testing/eager-engine.ts';
import { exampleMetadata, numberedGroups, splitOf } from '../testing/example-dataset.ts';
import { toyModel } from '../testing/toy-model.ts';
import { halfAverage, momentum, signDescent } from '../testing/toy-parts.ts';
import type { LiveCheckpoint } from './checkpoint-artifact.ts';
import { train, type TrainerOptions } from './trainer.ts';

/** 9 groups, batches of 4, 2 epochs an iteration: 4 steps an iteration, 12 in all. */
const STEPS = 12;
let folder: string;

beforeAll(() => setBackend('cpu'));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eddy-trainer-'));
});
afterEach(() => rm(folder, { recursive: true }));

function exampleDataset(): DatasetArtifact {
  const { split, metadata } = splitOf(
    'train',
    numberedGroups(Array.from({ length: 9 }, () => [1, 1])),
  );
  // Group 0 is the blank label, which is not scored.
  split.labels.forEach((_, i) => (split.labels[i] = split.inputs[i - (i % 4)]!));
  return {
    folder: '',
    metadata,
    identifiers: () => Promise.resolve([]),
    open: () => Promise.resolve(split),
  };
}

function optionsOf(overrides: Partial<TrainerOptions> = {}): TrainerOptions {
  return {
    parts: {
      model: toyModel({ ...exampleMetadata, maxSteps: 3 }),
      optimizer: steppedMomentum(0.1),
      rowOptimizer: signDescent(0.01),
      averager: halfAverage,
    },
    dataset: exampleDataset(),
    split: 'train',
    random: randomStream(3),
    globalBatchSize: 4,
    microBatchSize: 4,
    epochs: 6,
    evalInterval: 2,
    logInterval: 1,
    checkpoint: { every: 3, keep: 100 },
    maxRestarts: 2,
    folder,
    ...overrides,
  };
}

/** The step is an input of the program, so that an engine under test can see it. */
function steppedMomentum(learningRate: number): Optimizer {
  return {
    ...momentum(learningRate),
    scalarNames: ['learningRate', 'step'],
    scalars: ({ step }) => ({ learningRate, step }),
  };
}

interface Run {
  readonly events: RunEvent[];
  readonly checkpoints: number[];
  readonly error?: unknown;
}

async function run(
  options: TrainerOptions,
  settings: {
    engine?: () => Engine;
    stopAfterStep?: number;
    evaluate?: (c: LiveCheckpoint) => void;
    stop?: { readonly requested: boolean; takeSaveRequest?: () => boolean };
  } = {},
): Promise<Run> {
  const bus = createEventBus();
  const events: RunEvent[] = [];
  const checkpoints: number[] = [];
  const stopping = new AbortController();
  bus.events$.subscribe((event) => {
    events.push(event);
    if (event.type === 'step-finished' && event.step === settings.stopAfterStep) stopping.abort();
  });
  const makeEngine = settings.engine ?? eagerEngine;
  const services = {
    name: 'train',
    bus,
    runFolder: folder,
    stop: {
      get requested() {
        return stopping.signal.aborted || settings.stop?.requested === true;
      },
      signal: stopping.signal,
      takeSaveRequest: () => settings.stop?.takeSaveRequest?.() ?? false,
    },
    engine: () => Promise.resolve(makeEngine()),
    restartEngine: () => Promise.resolve(makeEngine()),
  };
  try {
    await train(options, services, (checkpoint) => {
      settings.evaluate?.(checkpoint);
      checkpoints.push(checkpoint.step);
      return Promise.resolve();
    });
    return { events, checkpoints };
  } catch (error) {
    return { events, checkpoints, error };
  }
}

function stepsOf({ events }: Run): number[] {
  return events.flatMap((event) => (event.type === 'step-finished' ? [event.step] : []));
}

async function finalHash(path = folder): Promise<string> {
  const checkpoint = await latestCheckpoint(path, () => undefined);
  expect(checkpoint!.manifest.step).toBe(STEPS);
  return checkpoint!.manifest.stateHash;
}

const allSteps = Array.from({ length: STEPS }, (_, i) => i + 1);

describe('the training loop', () => {
  it('reports every step, saves as asked, evaluates at the end of each iteration', async () => {
    const result = await run(optionsOf());
    expect(result.error).toBeUndefined();
    expect(stepsOf(result)).toEqual(allSteps);
    expect(result.checkpoints).toEqual([4, 8, 12]);
    const saved = (await listCheckpoints(folder)).map(({ step }) => step);
    expect(saved).toEqual([3, 4, 7, 8, 11, 12]);
    const plan = result.events.find((event) => event.type === 'training-planned')!;
    expect(plan.plan).toMatchObject({ parameters: 187, totalSteps: 13, microBatchSize: 4 });
  });

  it('lowers the loss', async () => {
    const { events } = await run(optionsOf({ epochs: 40, evalInterval: 40 }));
    const losses = events.flatMap((e) => (e.type === 'step-finished' ? [e.metrics['loss']!] : []));
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    expect(mean(losses.slice(-8))).toBeLessThan(0.5 * mean(losses.slice(0, 8)));
  });

  it('ends early at maxSteps, with a checkpoint to evaluate', async () => {
    const result = await run(optionsOf({ maxSteps: 2 }));
    expect(stepsOf(result)).toEqual([1, 2]);
    expect(result.checkpoints).toEqual([2]);
  });

  it('plans by its first steps', async () => {
    const first = async (options: Partial<TrainerOptions>) => {
      const { events } = await run(optionsOf({ folder: join(folder, randomUUID()), ...options }));
      return events
        .map((event) => (event.type === 'step-finished' ? event.step : event.type))
        .slice(0, 4);
    };
    expect(await first({})).toEqual(['training-started', 1, 2, 'training-planned']);
    expect(await first({ maxSteps: 1, checkpoint: { every: 1, keep: 1 } })).toEqual([
      'training-started',
      1,
      'training-planned',
      'checkpoint-saved',
    ]);
  });

  it('stops before the first step when asked to while compiling', async () => {
    const stop = { requested: false };
    const engine = (): Engine => ({
      ...eagerEngine(),
      compile: (program) => {
        stop.requested = true;
        return eagerEngine().compile(program);
      },
    });
    const result = await run(optionsOf(), { engine, stop });
    expect(result.error).toMatchObject({ code: 'RUN_STOPPED' });
    expect(stepsOf(result)).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('only plans when asked to', async () => {
    const result = await run(optionsOf({ planOnly: true }));
    expect(result.events.map(({ type }) => type)).toEqual(['training-planned']);
    const [planned] = result.events;
    expect(planned).not.toHaveProperty('plan.evaluations');
  });

  it('counts the evaluations in when it only plans', async () => {
    const evaluations = [{ split: 'train', maxExamples: 6 }, { split: 'train' }];
    const planned = async (options: Partial<TrainerOptions>) => {
      const { events } = await run(optionsOf({ planOnly: true, evaluations, ...options }));
      return events.flatMap((event) => (event.type === 'training-planned' ? [event.plan] : []))[0]!;
    };
    const plan = await planned({});
    expect(plan.evaluations!.count).toBe(6);
    expect(plan.evaluations!.durationMs).toBeGreaterThan(0);
    expect(plan.totalMs).toBeGreaterThan(plan.evaluations!.durationMs);
    expect((await planned({ maxSteps: 2 })).evaluations!.count).toBe(2);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe.each([4, 2])('with micro-batches of %i rows', (microBatchSize) => {
  it.each([1, 3, 4, 6, 11])('goes on bit for bit after a stop at step %i', async (step) => {
    const options = optionsOf({ microBatchSize });
    await run(options);
    const uninterrupted = await finalHash();
    await rm(folder, { recursive: true });

    const stopped = await run(options, { stopAfterStep: step });
    expect(stopped.error).toMatchObject({ code: 'RUN_STOPPED', exitCode: 75 });
    const done = stepsOf(stopped).at(-1)!;
    const rest = await run(options);
    expect(rest.error).toBeUndefined();
    expect(stepsOf(rest)).toEqual(allSteps.slice(done));
    expect(rest.events.some((event) => event.type === 'resumed')).toBe(true);
    expect(await finalHash()).toBe(uninterrupted);
  });
});

it('goes on in micro-batches of another size, with the same result', async () => {
  await run(optionsOf());
  const whole = (await latestCheckpoint(folder, () => undefined))!.state;
  await rm(folder, { recursive: true });

  await run(optionsOf(), { stopAfterStep: 6 });
  const rest = await run(optionsOf({ microBatchSize: 2 }));
  expect(rest.error).toBeUndefined();
  const cut = (await latestCheckpoint(folder, () => undefined))!.state;
  expect([...cut['carry.0/steps']!.data, ...cut['carry.1/steps']!.data]).toEqual([
    ...whole['carry/steps']!.data,
  ]);
  whole['parameters/head']!.data.forEach((value, i) => {
    expect(cut['parameters/head']!.data[i]).toBeCloseTo(value, 5);
  });
});

it('saves when asked to, and goes on to the same end', async () => {
  const options = optionsOf({ checkpoint: { every: 100, keep: 100 } });
  await run(options);
  const uninterrupted = await finalHash();
  await rm(folder, { recursive: true });

  let asked = 0;
  const stop = { requested: false, takeSaveRequest: () => ++asked === 6 };
  const { error } = await run(options, { stop });
  expect(error).toBeUndefined();
  expect((await listCheckpoints(folder)).map(({ step }) => step)).toEqual([4, 6, 8, 12]);
  expect(await finalHash()).toBe(uninterrupted);
});

it('goes on bit for bit with frozen parameters', async () => {
  const { parts } = optionsOf();
  const frozen = new Set(['parameters/embed']);
  const options = optionsOf({ parts: { ...parts, frozen } });
  await run(options);
  const uninterrupted = await finalHash();
  await rm(folder, { recursive: true });

  await run(options, { stopAfterStep: 6 });
  expect((await run(options)).error).toBeUndefined();
  expect(await finalHash()).toBe(uninterrupted);
});

describe('weights to start from', () => {
  const doubled = (initial: HostTree): HostTree => ({
    ...initial,
    'parameters/embed': {
      ...initial['parameters/embed']!,
      data: initial['parameters/embed']!.data.map((x) => 2 * x),
    },
  });

  it('are saved before the first step, and not asked for again', async () => {
    let asked = 0;
    const startFrom = (initial: HostTree) => {
      asked += 1;
      return Promise.resolve(doubled(initial));
    };
    await run(optionsOf({ startFrom }));
    const uninterrupted = await finalHash();
    const saved = await listCheckpoints(folder);
    expect(saved[0]!.step).toBe(0);
    await rm(folder, { recursive: true });

    await run(optionsOf({ startFrom }), { stopAfterStep: 1 });
    expect(asked).toBe(2);
    const rest = await run(optionsOf({ startFrom }));
    expect(rest.error).toBeUndefined();
    expect(asked).toBe(2);
    expect(await finalHash()).toBe(uninterrupted);
  });

  it('change the run', async () => {
    await run(optionsOf());
    const plain = await finalHash();
    await rm(folder, { recursive: true });
    await run(optionsOf({ startFrom: (initial) => Promise.resolve(doubled(initial)) }));
    expect(await finalHash()).not.toBe(plain);
  });
});

describe('a value that is not finite', () => {
  it('stops the run, is named, and never becomes a checkpoint', async () => {
    const parts = { ...optionsOf().parts, optimizer: steppedMomentum(1e38) };
    const { error } = await run(optionsOf({ parts, checkpoint: { every: 1, keep: 100 } }));
    expect(error).toBeInstanceOf(EddyError);
    expect(['NON_FINITE', 'STATE_NOT_FINITE']).toContain((error as EddyError).code);
    for (const { path } of await listCheckpoints(folder)) {
      const checkpoint = await latestCheckpoint(join(path, '..'), () => undefined);
      for (const { data } of Object.values(checkpoint!.state)) {
        expect([...data].every((value) => Number.isFinite(value))).toBe(true);
      }
    }
  });

  it('names the first bad tensor', async () => {
    const engine = () =>
      interferingEngine((tree, step) => {
        if (step !== 5) return;
        const bias = tree['parameters/bias']!;
        (bias.data as Float32Array)[1] = Number.NaN;
      });
    const { error } = await run(optionsOf(), { engine });
    expect(error).toMatchObject({ code: 'NON_FINITE', facts: { at: 'step 5, loss' } });
    const last = await latestCheckpoint(folder, () => undefined);
    expect(last!.manifest.step).toBe(4);
  });
});

describe('an engine that dies', () => {
  it('is started again; the run ends as if nothing had happened', async () => {
    await run(optionsOf());
    const uninterrupted = await finalHash();
    await rm(folder, { recursive: true });

    let lives = 0;
    const engine = () => {
      lives += 1;
      const deadly = [2, 5, 11][lives - 1];
      return interferingEngine((_, step) => {
        if (step === deadly) throw died();
      });
    };
    const result = await run(optionsOf(), { engine });
    expect(result.error).toBeUndefined();
    expect(stepsOf(result)).toEqual(allSteps);
    expect(result.events.filter((event) => event.type === 'engine-died')).toHaveLength(3);
    expect(await finalHash()).toBe(uninterrupted);
  });

  it('is given up after maxRestarts without progress', async () => {
    const engine = () =>
      interferingEngine((_, step) => {
        if (step === 2) throw died();
      });
    const result = await run(optionsOf(), { engine });
    expect(result.error).toMatchObject({ code: 'ENGINE_DIED' });
    expect(result.events.filter((event) => event.type === 'engine-died')).toHaveLength(2);
  });

  it('may die in an evaluation, which is then repeated', async () => {
    let evaluations = 0;
    const result = await run(optionsOf(), {
      evaluate: () => {
        evaluations += 1;
        if (evaluations === 2) throw died();
      },
    });
    expect(result.error).toBeUndefined();
    expect(result.checkpoints).toEqual([4, 8, 12]);
    expect(evaluations).toBe(4);
  });
});

it('refuses a checkpoint of another model', async () => {
  await run(optionsOf({ maxSteps: 2 }));
  const model = toyModel({ ...exampleMetadata, hiddenSize: 5 });
  const { error } = await run(optionsOf({ parts: { ...optionsOf().parts, model } }));
  expect(error).toMatchObject({ code: 'CHECKPOINT_MISMATCH' });
});

it('asks for a row optimizer when the model has a table', async () => {
  const { model, optimizer } = optionsOf().parts;
  const { error } = await run(optionsOf({ parts: { model, optimizer } }));
  expect(error).toMatchObject({ code: 'ROW_OPTIMIZER_MISSING' });
});

function died(): EddyError {
  return new EddyError({ code: 'ENGINE_DIED', message: 'the engine is gone', fix: 'resume' });
}

/** The eager engine with a hand on the state before each step. */
function interferingEngine(interfere: (tree: HostTree, step: number) => void): Engine {
  const engine = eagerEngine();
  return {
    ...engine,
    compile: async (program) => interfering(await engine.compile(program), interfere),
  };
}

function interfering(
  executable: Executable,
  interfere: (tree: HostTree, step: number) => void,
): Executable {
  /** What is dead stays dead. */
  let failure: Error | undefined;
  return {
    name: executable.name,
    outputs: executable.outputs,
    stats: executable.stats,
    dispose: () => executable.dispose(),
    run: async (state: DeviceTree, inputs: HostTree, options?: RunOptions) => {
      if (failure !== undefined) throw failure;
      try {
        const tree = await state.read();
        interfere(tree, inputs['optimizer/step']!.data[0]!);
        await state.write(tree);
      } catch (error) {
        failure = error as Error;
        throw error;
      }
      return executable.run(state, inputs, options);
    },
  };
}
