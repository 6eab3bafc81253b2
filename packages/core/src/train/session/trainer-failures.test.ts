import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

import { latestCheckpoint, listCheckpoints } from '../../checkpoint/checkpoint.ts';
import { EddyError } from '@eddy/tensor/errors';
import { freshFolder } from '../../testing/fresh-folder.ts';
import {
  ALL_TOY_STEPS,
  finalHash,
  interferingEngine,
  runTraining,
  steppedMomentum,
  stepsOf,
  toyTraining,
} from '../../testing/toy-training.ts';
import type { TrainerOptions } from './trainer-options.ts';

const folder = freshFolder();

beforeAll(() => setBackend('cpu'));

const optionsOf = (overrides: Partial<TrainerOptions> = {}) =>
  toyTraining({ folder: folder.path, ...overrides });

describe('a value that is not finite', () => {
  it('stops the run, is named, and never becomes a checkpoint', async () => {
    const parts = { ...optionsOf().parts, optimizer: steppedMomentum(1e38) };
    const { error } = await runTraining(optionsOf({ parts, checkpoint: { every: 1, keep: 100 } }));
    expect(error).toBeInstanceOf(EddyError);
    expect(['NON_FINITE', 'STATE_NOT_FINITE']).toContain((error as EddyError).code);
    for (const { path } of await listCheckpoints(folder.path)) {
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
    const { error } = await runTraining(optionsOf(), { engine });
    expect(error).toMatchObject({ code: 'NON_FINITE', facts: { at: 'step 5, loss' } });
    const last = await latestCheckpoint(folder.path, () => undefined);
    expect(last!.manifest.step).toBe(4);
  });
});

describe('an engine that dies', () => {
  it('is started again; the run ends as if nothing had happened', async () => {
    await runTraining(optionsOf());
    const uninterrupted = await finalHash(folder.path);
    await rm(folder.path, { recursive: true });

    let lives = 0;
    const engine = () => {
      lives += 1;
      const deadly = [2, 5, 11][lives - 1];
      return interferingEngine((_, step) => {
        if (step === deadly) throw died();
      });
    };
    const result = await runTraining(optionsOf(), { engine });
    expect(result.error).toBeUndefined();
    expect(stepsOf(result)).toEqual(ALL_TOY_STEPS);
    expect(result.events.filter((event) => event.type === 'engine-died')).toHaveLength(3);
    expect(await finalHash(folder.path)).toBe(uninterrupted);
  });

  it('is given up after maxRestarts without progress', async () => {
    const engine = () =>
      interferingEngine((_, step) => {
        if (step === 2) throw died();
      });
    const result = await runTraining(optionsOf(), { engine });
    expect(result.error).toMatchObject({ code: 'ENGINE_DIED' });
    expect(result.events.filter((event) => event.type === 'engine-died')).toHaveLength(2);
  });

  it('may die in an evaluation, which is then repeated', async () => {
    let evaluations = 0;
    const result = await runTraining(optionsOf(), {
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

function died(): EddyError {
  return new EddyError({ code: 'ENGINE_DIED', message: 'the engine is gone', fix: 'resume' });
}
