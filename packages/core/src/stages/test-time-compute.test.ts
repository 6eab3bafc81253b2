import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

import type { RunEvent } from '../contracts/events.ts';
import { freshFolder } from '../testing/fresh-folder.ts';
import { runStages, type ToyPipeline } from '../testing/toy-stages.ts';

const runFolder = freshFolder();

beforeAll(() => setBackend('cpu'));

const run = (settings: Omit<ToyPipeline, 'runFolder'> = {}) =>
  runStages({ runFolder: runFolder.path, ...settings });

describe('test-time compute', () => {
  const sweep = [{ steps: [1, 3, 5] }, { steps: 3, trajectories: 3, noise: 1 }];

  it('measures the last checkpoint when training has ended', async () => {
    const { events } = await run({ compute: { sweep } });
    const measured = events.filter((event) => event.type === 'compute-measured');
    expect(measured.map(({ step }) => step)).toEqual([12]);
    const { results, folder } = measured[0]!;
    expect(results.map(({ compute }) => compute)).toEqual([1, 3, 5, 9]);
    const stored = JSON.parse(await readFile(join(folder, 'compute.json'), 'utf8')) as object;
    expect(stored).toMatchObject({ step: 12, split: 'test', examples: 5, results });
    const table = await readFile(join(folder, 'compute.csv'), 'utf8');
    expect(table.trim().split('\r\n')).toHaveLength(5);
  });

  it('measures every checkpoint while training waits, when asked to', async () => {
    const { events } = await run({ compute: { sweep, checkpoints: 'all', maxExamples: 2 } });
    const order = events.flatMap((event) =>
      event.type === 'step-finished' || event.type === 'compute-measured'
        ? [`${event.type} ${event.step}`]
        : [],
    );
    expect(order.indexOf('compute-measured 6')).toBe(order.indexOf('step-finished 6') + 1);
    expect(order).toContain('compute-measured 12');
  });

  it('measures a checkpoint on disk alike', async () => {
    const { events } = await run({ compute: { sweep } });
    const results = (all: readonly RunEvent[]) =>
      all.flatMap((event) => (event.type === 'compute-measured' ? [event.results] : []));
    const checkpoint = join(runFolder.path, 'checkpoints', 'step-00000012');
    await rm(join(runFolder.path, 'evaluations'), { recursive: true });
    const alone = await run({ compute: { sweep, checkpoint }, stages: ['build', 'compute'] });
    expect(results(alone.events)).toEqual(results(events));
  });

  it.each([
    ['LATENT_UNKNOWN', { latents: ['z_L'] }],
    ['AUGMENTATION_MISSING', { sweep: [{ views: 2 }] }],
  ])('finds %s before training', async (code, compute) => {
    const failed = run({ compute });
    await expect(failed).rejects.toMatchObject({ code });
  });
});
