import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

import { listCheckpoints } from '../../checkpoint/checkpoint.ts';
import type { Engine } from '../../contracts/engine.ts';
import type { HostTree } from '@eddy/tensor/spec';
import { eagerEngine } from '../../testing/eager-engine.ts';
import { exampleMetadata } from '../../testing/example-dataset.ts';
import { freshFolder } from '../../testing/fresh-folder.ts';
import { toyModel } from '../../testing/toy-model.ts';
import {
  ALL_TOY_STEPS,
  finalHash,
  runTraining,
  stepsOf,
  toyTraining,
} from '../../testing/toy-training.ts';
import type { TrainerOptions } from './trainer-options.ts';

const folder = freshFolder();

beforeAll(() => setBackend('cpu'));

const optionsOf = (overrides: Partial<TrainerOptions> = {}) =>
  toyTraining({ folder: folder.path, ...overrides });

describe('the training loop', () => {
  it('reports every step, saves as asked, evaluates at the end of each iteration', async () => {
    const result = await runTraining(optionsOf());
    expect(result.error).toBeUndefined();
    expect(stepsOf(result)).toEqual(ALL_TOY_STEPS);
    expect(result.checkpoints).toEqual([4, 8, 12]);
    const saved = (await listCheckpoints(folder.path)).map(({ step }) => step);
    expect(saved).toEqual([3, 4, 7, 8, 11, 12]);
    const plan = result.events.find((event) => event.type === 'training-planned')!;
    expect(plan.plan).toMatchObject({ parameters: 187, totalSteps: 12, microBatchSize: 4 });
  });

  it('sends the first weights while the step is compiled, once, and ends in the same state', async () => {
    await runTraining(optionsOf());
    const expected = await finalHash(folder.path);
    await rm(folder.path, { recursive: true });
    const calls: string[] = [];
    const engine = eagerEngine();
    const compiler: Engine = {
      ...engine,
      compile: async (program, { meanwhile } = {}) => {
        meanwhile?.();
        meanwhile?.();
        calls.push('compiled');
        return engine.compile(program);
      },
      upload: (tree) => {
        calls.push(`uploaded ${Object.keys(tree).some((name) => name.startsWith('carry'))}`);
        return engine.upload(tree);
      },
    };
    const result = await runTraining(optionsOf(), { engine: () => compiler });
    expect(result.error).toBeUndefined();
    expect(calls).toEqual(['uploaded false', 'compiled']);
    expect(await finalHash(folder.path)).toBe(expected);
  });

  it('fails with what befell the weights that were sent ahead', async () => {
    const engine = eagerEngine();
    const { error } = await runTraining(optionsOf(), {
      engine: () => ({
        ...engine,
        compile: (program, options) => {
          options?.meanwhile?.();
          return engine.compile(program);
        },
        upload: () => Promise.reject(new Error('no room')),
      }),
    });
    expect(error).toMatchObject({ message: 'no room' });
  });

  it('lowers the loss', async () => {
    const { events } = await runTraining(optionsOf({ epochs: 40, evalInterval: 40 }));
    const losses = events.flatMap((e) => (e.type === 'step-finished' ? [e.metrics['loss']!] : []));
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    expect(mean(losses.slice(-8))).toBeLessThan(0.5 * mean(losses.slice(0, 8)));
  });

  it('ends early at maxSteps, with a checkpoint to evaluate', async () => {
    const result = await runTraining(optionsOf({ maxSteps: 2 }));
    expect(stepsOf(result)).toEqual([1, 2]);
    expect(result.checkpoints).toEqual([2]);
  });

  it('plans by its first steps', async () => {
    const first = async (options: Partial<TrainerOptions>) => {
      const { events } = await runTraining(
        optionsOf({ folder: join(folder.path, randomUUID()), ...options }),
      );
      return events
        .map((event) => (event.type === 'step-finished' ? event.step : event.type))
        .filter((entry) => entry !== 'checkpoint-saved')
        .slice(0, 9);
    };
    // The first step faults in memory: it doesn't count, and five after it do.
    const steps = [1, 2, 3, 4, 5, 6];
    expect(await first({})).toEqual(['training-started', ...steps, 'training-planned', 7]);
    expect(await first({ maxSteps: 1, checkpoint: { every: 1, keep: 1 } })).toEqual([
      'training-started',
      1,
      'training-planned',
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
    const result = await runTraining(optionsOf(), { engine, stop });
    expect(result.error).toMatchObject({ code: 'RUN_STOPPED' });
    expect(stepsOf(result)).toEqual([]);
    expect(await readdir(folder.path)).toEqual([]);
  });

  it('only plans when asked to', async () => {
    const result = await runTraining(optionsOf({ planOnly: true }));
    expect(result.events.map(({ type }) => type)).toEqual(['training-planned']);
    const [planned] = result.events;
    expect(planned).not.toHaveProperty('plan.evaluations');
  });

  it('counts the evaluations in when it only plans', async () => {
    const evaluations = { count: 2, time: () => Promise.resolve(5) };
    const planned = async (options: Partial<TrainerOptions>) => {
      const { events } = await runTraining(optionsOf({ planOnly: true, evaluations, ...options }));
      return events.flatMap((event) => (event.type === 'training-planned' ? [event.plan] : []))[0]!;
    };
    const plan = await planned({});
    expect(plan.evaluations!.count).toBe(6);
    expect(plan.evaluations!.durationMs).toBe(15);
    expect(plan.totalMs).toBeGreaterThan(plan.evaluations!.durationMs);
    expect((await planned({ maxSteps: 2 })).evaluations!.count).toBe(2);
    expect(await readdir(folder.path)).toEqual([]);
  });
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
    await runTraining(optionsOf({ startFrom }));
    const uninterrupted = await finalHash(folder.path);
    const saved = await listCheckpoints(folder.path);
    expect(saved[0]!.step).toBe(0);
    await rm(folder.path, { recursive: true });

    await runTraining(optionsOf({ startFrom }), { stopAfterStep: 1 });
    expect(asked).toBe(2);
    const rest = await runTraining(optionsOf({ startFrom }));
    expect(rest.error).toBeUndefined();
    expect(asked).toBe(2);
    expect(await finalHash(folder.path)).toBe(uninterrupted);
  });

  it('change the run', async () => {
    await runTraining(optionsOf());
    const plain = await finalHash(folder.path);
    await rm(folder.path, { recursive: true });
    await runTraining(optionsOf({ startFrom: (initial) => Promise.resolve(doubled(initial)) }));
    expect(await finalHash(folder.path)).not.toBe(plain);
  });
});

it('refuses a checkpoint of another model', async () => {
  await runTraining(optionsOf({ maxSteps: 2 }));
  const model = toyModel({ ...exampleMetadata, hiddenSize: 5 });
  const { error } = await runTraining(optionsOf({ parts: { ...optionsOf().parts, model } }));
  expect(error).toMatchObject({ code: 'CHECKPOINT_MISMATCH' });
});

it('asks for a row optimizer when the model has a table', async () => {
  const { model, optimizer } = optionsOf().parts;
  const { error } = await runTraining(optionsOf({ parts: { model, optimizer } }));
  expect(error).toMatchObject({ code: 'ROW_OPTIMIZER_MISSING' });
});
