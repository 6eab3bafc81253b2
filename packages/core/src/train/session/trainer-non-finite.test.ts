import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import { rm } from 'node:fs/promises';

import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

import { latestCheckpoint, listCheckpoints, loadCheckpoint } from '../../checkpoint/checkpoint.ts';
import { EddyError } from '@eddy/tensor/errors';
import type { HostTree } from '@eddy/tensor/spec';
import { freshFolder } from '../../testing/fresh-folder.ts';
import {
  ALL_TOY_STEPS,
  finalHash,
  interferingEngine,
  runTraining,
  stepsOf,
  toyTraining,
  type ToyRun,
} from '../../testing/toy-training.ts';
import { initialCarries, initialWeights, weightSpecs } from '../step/state.ts';
import type { NonFiniteAction } from '../step/parts.ts';
import type { TrainerOptions } from './trainer-options.ts';

const folder = freshFolder();

beforeAll(() => setBackend('cpu'));

function optionsOf(
  nonFinite: NonFiniteAction,
  overrides: Partial<TrainerOptions> = {},
): TrainerOptions {
  const options = toyTraining({ folder: folder.path, ...overrides });
  return { ...options, parts: { ...options.parts, nonFinite } };
}

/** Before each of these steps a slot's latent is not a number; the slot is made to read it. */
const spoilingSteps = (...steps: number[]) => ({
  engine: () =>
    interferingEngine((tree, step) => {
      if (steps.includes(step)) spoilSlot(tree);
    }),
});
/** From this step on a weight is not a number. */
const spoilingFrom = (first: number) => ({
  engine: () =>
    interferingEngine((tree, step) => {
      if (step >= first) spoil(tree, 'parameters/bias');
    }),
});

function spoil(tree: HostTree, name: string): void {
  tree[name]!.data[1] = Number.NaN;
}

function spoilSlot(tree: HostTree): void {
  const carry = 'carry/z' in tree ? 'carry' : 'carry.1';
  spoil(tree, `${carry}/z`);
  tree[`${carry}/halted`]!.data[0] = 0;
}

function metricOf({ events }: ToyRun, name: string): (number | undefined)[] {
  return events.flatMap((event) => (event.type === 'step-finished' ? [event.metrics[name]] : []));
}

function warningsOf({ events }: ToyRun): string[] {
  return events.flatMap((event) =>
    event.type === 'message' && event.level === 'warning' ? [event.text] : [],
  );
}

async function checkpointOf(step: number) {
  const { path } = (await listCheckpoints(folder.path)).find((found) => found.step === step)!;
  return loadCheckpoint(path);
}

function weightsIn(options: TrainerOptions, state: HostTree): HostTree {
  return Object.fromEntries(
    Object.keys(weightSpecs(options.parts)).map((name) => [name, state[name]!]),
  );
}

describe('skip', () => {
  const warning =
    'step 6 is skipped: loss is not finite; its update is not applied and its rows are dropped';

  it('goes on without the step, counts it and says so', async () => {
    const options = optionsOf('skip', { checkpoint: { every: 1, keep: 100 } });
    const result = await runTraining(options, spoilingSteps(6));
    expect(result.error).toBeUndefined();
    expect(stepsOf(result)).toEqual(ALL_TOY_STEPS);
    expect(metricOf(result, 'skipped_steps')).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1]);
    expect(metricOf(result, 'loss').map(Number.isFinite)).toEqual(
      ALL_TOY_STEPS.map((step) => step !== 6),
    );
    expect(warningsOf(result)).toEqual([warning]);
    const [before, skipped] = [await checkpointOf(5), await checkpointOf(6)];
    expect(skipped.state).toEqual({
      ...before.state,
      ...initialCarries(options.parts.model, {
        globalBatchSize: 4,
        microBatchSize: 4,
        seqLen: options.dataset.metadata.seqLen,
      }),
    });
  });

  it('ends the run when the next step after so many is not finite either', async () => {
    const checkpoint = { every: 100, keep: 100 };
    const result = await runTraining(optionsOf('skip', { checkpoint }), spoilingFrom(5));
    expect(result.error).toMatchObject({
      code: 'NON_FINITE',
      facts: { message: 'loss is not finite in step 8, after 3 skipped steps in a row' },
    });
    expect(metricOf(result, 'skipped_steps')).toEqual([0, 0, 0, 0, 1, 2, 3]);
    expect(warningsOf(result)).toHaveLength(1);
    const last = await latestCheckpoint(folder.path, () => undefined);
    expect(last!.manifest.step).toBe(4);
  });

  it('counts on where a run that was stopped goes on, to the same end', async () => {
    const spoiling = spoilingSteps(6, 7, 11);
    const whole = await runTraining(optionsOf('skip'), spoiling);
    expect(whole.error).toBeUndefined();
    const uninterrupted = await finalHash(folder.path);
    await rm(folder.path, { recursive: true });

    const stopped = await runTraining(optionsOf('skip'), { ...spoiling, stopAfterStep: 6 });
    expect(stopped.error).toMatchObject({ code: 'RUN_STOPPED' });
    const rest = await runTraining(optionsOf('skip'), spoiling);
    expect([...metricOf(stopped, 'skipped_steps'), ...metricOf(rest, 'skipped_steps')]).toEqual(
      metricOf(whole, 'skipped_steps'),
    );
    expect(await finalHash(folder.path)).toBe(uninterrupted);
  });

  it('counts skips in a row on, too', async () => {
    const spoiling = spoilingSteps(5, 6, 7, 8);
    const stopped = await runTraining(optionsOf('skip'), { ...spoiling, stopAfterStep: 6 });
    expect(stopped.error).toMatchObject({ code: 'RUN_STOPPED' });
    const { error } = await runTraining(optionsOf('skip'), spoiling);
    expect(error).toMatchObject({
      code: 'NON_FINITE',
      facts: { message: 'loss is not finite in step 8, after 3 skipped steps in a row' },
    });
  });

  it('drops the rows in work of all micro-batches', async () => {
    const options = optionsOf('skip', { microBatchSize: 2, checkpoint: { every: 1, keep: 100 } });
    const result = await runTraining(options, spoilingSteps(6));
    expect(result.error).toBeUndefined();
    expect(metricOf(result, 'skipped_steps').at(-1)).toBe(1);
    const { state } = await checkpointOf(6);
    expect([...state['carry.0/halted']!.data, ...state['carry.1/halted']!.data]).toEqual([
      1, 1, 1, 1,
    ]);
  });

  it('is not told twice when the engine dies', async () => {
    let lives = 0;
    const engine = () => {
      lives += 1;
      const deadly = lives === 1;
      return interferingEngine((tree, step) => {
        if (step === 6) spoilSlot(tree);
        if (step === 8 && deadly) throw died();
      });
    };
    const result = await runTraining(optionsOf('skip', { checkpoint: { every: 100, keep: 9 } }), {
      engine,
    });
    expect(result.error).toBeUndefined();
    expect(warningsOf(result)).toEqual([warning]);
    expect(metricOf(result, 'skipped_steps').at(-1)).toBe(1);
  });
});

describe('rollback', () => {
  it('takes the weights of the last checkpoint and passes the steps between over', async () => {
    const options = optionsOf('rollback');
    const result = await runTraining(options, spoilingSteps(6));
    expect(result.error).toBeUndefined();
    expect(stepsOf(result)).toEqual(ALL_TOY_STEPS);
    expect(result.checkpoints).toEqual([4, 8, 12]);
    expect(warningsOf(result)).toEqual([
      'loss is not finite in step 6: restored the weights of step 4; steps 5 to 6 are skipped',
    ]);
    expect(metricOf(result, 'rollbacks')).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1]);
    const [good, back] = [await checkpointOf(4), await checkpointOf(6)];
    expect(weightsIn(options, back.state)).toEqual(weightsIn(options, good.state));
    expect([...back.state['carry/halted']!.data]).toEqual([1, 1, 1, 1]);
    // Step 7 is that of its number, from there: what a run does that starts from this state.
    const end = await finalHash(folder.path);
    for (const { step, path } of await listCheckpoints(folder.path)) {
      if (step > 6) await rm(path, { recursive: true });
    }
    const again = await runTraining(optionsOf('stop'));
    expect(stepsOf(again)).toEqual(ALL_TOY_STEPS.slice(6));
    expect(await finalHash(folder.path)).toBe(end);
  });

  it('goes back to the initial weights before the first checkpoint', async () => {
    const options = optionsOf('rollback', { microBatchSize: 2 });
    const result = await runTraining(options, spoilingSteps(2));
    expect(result.error).toBeUndefined();
    const { state } = await checkpointOf(2);
    expect(weightsIn(options, state)).toEqual(initialWeights(options.parts, options.random));
  });

  it('has the state evaluated where the step ends an iteration', async () => {
    const result = await runTraining(optionsOf('rollback'), spoilingSteps(8));
    expect(result.error).toBeUndefined();
    expect(result.checkpoints).toEqual([4, 8, 12]);
    expect((await checkpointOf(8)).manifest.metadata).toMatchObject({
      endsIteration: true,
      nonFinite: { rollbacks: 1 },
    });
  });

  it('ends the run after so many, wherever it was stopped in between', async () => {
    const spoiling = spoilingSteps(3, 6, 9);
    const stopped = await runTraining(optionsOf('rollback'), { ...spoiling, stopAfterStep: 4 });
    expect(stopped.error).toMatchObject({ code: 'RUN_STOPPED' });
    const { error } = await runTraining(optionsOf('rollback'), spoiling);
    expect(error).toBeInstanceOf(EddyError);
    expect(error).toMatchObject({
      code: 'NON_FINITE',
      facts: { message: 'loss is not finite in step 9, after 2 rollbacks' },
    });
    const last = await latestCheckpoint(folder.path, () => undefined);
    expect(last!.manifest.step).toBe(8);
  });
});

function died(): EddyError {
  return new EddyError({ code: 'ENGINE_DIED', message: 'the engine is gone', fix: 'resume' });
}
