import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import { rm } from 'node:fs/promises';

import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

import { loadCheckpoint } from '../checkpoint/checkpoint.ts';
import { freshFolder } from '../testing/fresh-folder.ts';
import { runStages, storedState, type ToyPipeline } from '../testing/toy-stages.ts';
import averageStage from './average.plugin.ts';

const runFolder = freshFolder();

beforeAll(() => setBackend('cpu'));

const run = (settings: Omit<ToyPipeline, 'runFolder'> = {}) =>
  runStages({ runFolder: runFolder.path, ...settings });
const fresh = () => rm(runFolder.path, { recursive: true });
const stored = (step: number) => storedState(runFolder.path, step);

describe('average', () => {
  it('measures the mean of the last checkpoints beside those of the training', async () => {
    const { artifacts, events } = await run({ average: { last: 2 } });
    const evaluations = events.flatMap((event) =>
      event.type === 'evaluation-finished' ? [[event.step, event.label]] : [],
    );
    expect(evaluations).toEqual([
      [6, undefined],
      [12, undefined],
      [12, 'average'],
    ]);
    const averaged = artifacts.find(({ label }) => label === 'average')!;
    const [mean, first, last] = [
      (await loadCheckpoint(averaged.path)).state,
      await stored(6),
      await stored(12),
    ];
    mean['parameters/head']!.data.forEach((value, i) => {
      const [a, b] = [first['average/head']!.data[i]!, last['average/head']!.data[i]!];
      expect(value).toBe(Math.fround(0.5 * a + 0.5 * b));
    });
    expect(Object.keys(mean).sort()).toEqual([
      'buffers/start',
      'parameters/bias',
      'parameters/embed',
      'parameters/head',
      'tables/puzzles',
    ]);
  });

  it('has no evaluation before it: those of the training are of other weights', async () => {
    const { witness } = await run({ average: { last: 2 } });
    expect(witness.earlier).toEqual([[], ['step-00000006'], []]);
  });

  it('is the same when the training was resumed in between', async () => {
    const hash = async ({ artifacts }: Awaited<ReturnType<typeof run>>) => {
      const { path } = artifacts.find(({ label }) => label === 'average')!;
      return (await loadCheckpoint(path)).manifest.stateHash;
    };
    const average = { last: 2, of: 'parameters' };
    const uninterrupted = await hash(await run({ average }));
    await rm(runFolder.path, { recursive: true });

    const checkpoint = { keep: 1 };
    expect(await hash(await run({ average, train: { maxSteps: 6, checkpoint } }))).not.toBe(
      uninterrupted,
    );
    expect(await hash(await run({ average, train: { checkpoint } }))).toBe(uninterrupted);
  });

  it('does not mix with another average of the same run', async () => {
    const meanOf = async ({ artifacts }: Awaited<ReturnType<typeof run>>, name: string) => {
      const { path } = artifacts.findLast(({ stage, label }) => stage === name && label === name)!;
      return (await loadCheckpoint(path)).manifest.stateHash;
    };
    const train = { evalInterval: 1 };
    const [short, long] = [{ last: 2 }, { last: 5, of: 'parameters' }];
    const alone = {
      short: await meanOf(await run({ train, average: short }), 'average'),
      long: await fresh()
        .then(() => run({ train, average: long }))
        .then((r) => meanOf(r, 'average')),
    };
    await fresh();
    const both = await run({ train, averages: { short, long } });
    expect({ short: await meanOf(both, 'short'), long: await meanOf(both, 'long') }).toEqual(alone);
  });

  it('wants as many weights as checkpoints', async () => {
    const few = run({ average: { last: 2, weights: [0.5, 0.5] }, train: { maxSteps: 6 } });
    await expect(few).rejects.toMatchObject({ code: 'AVERAGE_ALPHAS_INVALID' });
    const wrong = averageStage.config.safeParse({ last: 3, weights: [0.5, 0.5] });
    expect(wrong.error?.issues.map(({ path }) => path.join('.'))).toEqual(['weights']);
  });
});
