import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import { rm } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';

import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';

import { latestCheckpoint, listCheckpoints } from '../../checkpoint/checkpoint.ts';
import type { Engine } from '../../contracts/engine.ts';
import { eagerEngine } from '../../testing/eager-engine.ts';
import { freshFolder } from '../../testing/fresh-folder.ts';
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

/** What starts, or is compiled, for longer than anyone waits. */
const NEVER = new Promise<never>(() => undefined);

const optionsOf = (overrides: Partial<TrainerOptions> = {}) =>
  toyTraining({ folder: folder.path, ...overrides });

describe.each([
  [4, false],
  [2, false],
  [2, true],
])('with micro-batches of %i rows, recompute: %s', (microBatchSize, recompute) => {
  it.each([1, 3, 4, 6, 11])('goes on bit for bit after a stop at step %i', async (step) => {
    const options = optionsOf({ microBatchSize, recompute });
    await runTraining(options);
    const uninterrupted = await finalHash(folder.path);
    await rm(folder.path, { recursive: true });

    const stopped = await runTraining(options, { stopAfterStep: step });
    expect(stopped.error).toMatchObject({ code: 'RUN_STOPPED', exitCode: 75 });
    const done = stepsOf(stopped).at(-1)!;
    // What was chosen before is chosen again.
    const rest = await runTraining(optionsOf({ microBatchSize: 'auto', recompute: 'auto' }));
    expect(rest.error).toBeUndefined();
    expect(stepsOf(rest)).toEqual(ALL_TOY_STEPS.slice(done));
    const { manifest } = (await latestCheckpoint(folder.path, () => undefined))!;
    expect(manifest.metadata).toMatchObject({ microBatchSize, recompute });
    expect(rest.events.some((event) => event.type === 'resumed')).toBe(true);
    expect(await finalHash(folder.path)).toBe(uninterrupted);
  });
});

it('goes on in micro-batches of another size, with the same result', async () => {
  await runTraining(optionsOf());
  const whole = (await latestCheckpoint(folder.path, () => undefined))!.state;
  await rm(folder.path, { recursive: true });

  await runTraining(optionsOf(), { stopAfterStep: 6 });
  const rest = await runTraining(optionsOf({ microBatchSize: 2 }));
  expect(rest.error).toBeUndefined();
  const cut = (await latestCheckpoint(folder.path, () => undefined))!.state;
  expect([...cut['carry.0/steps']!.data, ...cut['carry.1/steps']!.data]).toEqual([
    ...whole['carry/steps']!.data,
  ]);
  whole['parameters/head']!.data.forEach((value, i) => {
    expect(cut['parameters/head']!.data[i]).toBeCloseTo(value, 5);
  });
});

it('saves when asked to, and goes on to the same end', async () => {
  const options = optionsOf({ checkpoint: { every: 100, keep: 100 } });
  await runTraining(options);
  const uninterrupted = await finalHash(folder.path);
  await rm(folder.path, { recursive: true });

  let asked = 0;
  const stop = { requested: false, takeSaveRequest: () => ++asked === 6 };
  const { error } = await runTraining(options, { stop });
  expect(error).toBeUndefined();
  expect((await listCheckpoints(folder.path)).map(({ step }) => step)).toEqual([4, 6, 8, 12]);
  expect(await finalHash(folder.path)).toBe(uninterrupted);
});

it('saves a step once when the stop comes while it is being written', async () => {
  const stopped = await runTraining(optionsOf(), { stopAfterStep: 3 });
  expect(stopped.error).toMatchObject({ code: 'RUN_STOPPED' });
  expect(stepsOf(stopped)).toEqual([1, 2, 3]);
  const saved = stopped.events.flatMap((e) => (e.type === 'checkpoint-saved' ? [e.step] : []));
  expect(saved).toEqual([3]);
});

describe('a finished training', () => {
  it('hands its last checkpoint on again and compiles nothing', async () => {
    await runTraining(optionsOf());
    const compile = vi.fn<Engine['compile']>();
    const again = await runTraining(optionsOf(), { engine: () => ({ ...eagerEngine(), compile }) });
    expect(again.error).toBeUndefined();
    expect(again.checkpoints).toEqual([12]);
    expect(again.events.map(({ type }) => type)).toEqual(['resumed']);
    expect(compile).not.toHaveBeenCalled();
  });

  it('goes on when it may do more steps', async () => {
    await runTraining(optionsOf({ maxSteps: 6 }));
    expect((await runTraining(optionsOf({ maxSteps: 6 }))).checkpoints).toEqual([6]);
    expect(stepsOf(await runTraining(optionsOf()))).toEqual(ALL_TOY_STEPS.slice(6));
  });

  it('does not wait for an engine when it is stopped', async () => {
    await runTraining(optionsOf());
    const stopping = new AbortController();
    const again = runTraining(optionsOf(), { engine: () => NEVER, stopping });
    stopping.abort();
    expect((await again).error).toMatchObject({
      code: 'RUN_STOPPED',
      facts: { message: expect.stringContaining('after step 12') as string },
    });
  });

  it('starts no engine where there is nothing to evaluate: it may do fewer steps than it did', async () => {
    await runTraining(optionsOf(), { stopAfterStep: 6 });
    const engine = vi.fn(() => eagerEngine());
    const again = await runTraining(optionsOf({ maxSteps: 3 }), { engine });
    expect(again.error).toBeUndefined();
    expect(again.checkpoints).toEqual([]);
    expect(engine).not.toHaveBeenCalled();
  });
});

describe('a stop before the first step', () => {
  it.each([
    ['the engine', () => NEVER],
    ['the compiler', () => ({ ...eagerEngine(), compile: () => NEVER })],
  ])('does not wait for %s', async (_, engine) => {
    const stopping = new AbortController();
    const running = runTraining(optionsOf(), { engine, stopping });
    await setImmediate();
    stopping.abort();
    expect((await running).error).toMatchObject({ code: 'RUN_STOPPED', exitCode: 75 });
  });
});

it('goes on bit for bit with frozen parameters', async () => {
  const { parts } = optionsOf();
  const frozen = new Set(['parameters/embed']);
  const options = optionsOf({ parts: { ...parts, frozen } });
  await runTraining(options);
  const uninterrupted = await finalHash(folder.path);
  await rm(folder.path, { recursive: true });

  await runTraining(options, { stopAfterStep: 6 });
  expect((await runTraining(options)).error).toBeUndefined();
  expect(await finalHash(folder.path)).toBe(uninterrupted);
});
