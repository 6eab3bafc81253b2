import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

import { freshFolder } from '../../testing/fresh-folder.ts';
import { runTraining, toyTraining } from '../../testing/toy-training.ts';
import { expectedStepsOf } from './schedule.ts';
import { trainerBatches } from './trainer-batches.ts';
import type { TrainerOptions } from './trainer-options.ts';

const folder = freshFolder();

beforeAll(() => setBackend('cpu'));

describe('a training without a step', () => {
  const { dataset } = toyTraining({ folder: '' });
  const train = dataset.metadata.splits['train']!;
  /** Rounded down, the schedule has no step, though batches could be filled. */
  const rounded = {
    ...dataset,
    metadata: { ...dataset.metadata, splits: { train: { ...train, meanPuzzleExamples: 0.1 } } },
  };

  const cases: [string, Partial<TrainerOptions>, string][] = [
    ['a split that is misspelt', { split: 'tran' }, 'SPLIT_MISSING'],
    ['a batch larger than an iteration', { globalBatchSize: 40 }, 'ITERATION_WITHOUT_BATCH'],
    ['a schedule of no step', { dataset: rounded, epochs: 2 }, 'ITERATION_WITHOUT_BATCH'],
  ];

  it.each(cases)('is refused before an engine starts: %s', async (_what, options, code) => {
    const started: string[] = [];
    const { error, events } = await runTraining(toyTraining({ folder: folder.path, ...options }), {
      engine: () => {
        started.push('engine');
        throw new Error('not needed');
      },
    });
    expect(error).toMatchObject({ code });
    expect([started, events]).toEqual([[], []]);
  });
});

describe('the steps that a plan and the screen name', () => {
  it.each([
    [4, 20, 1],
    [8, 20, 5],
    [12, 20, 20],
    [24, 9, 3],
    [8, 12, 4],
  ])(
    'are those that are done: batches of %d, %d epochs, evaluated every %d',
    async (globalBatchSize, epochs, evalInterval) => {
      const options = toyTraining({ folder: folder.path, globalBatchSize, epochs, evalInterval });
      const done = [...(await trainerBatches(options))].length;
      expect(expectedStepsOf(options)).toBe(done);
      expect(expectedStepsOf({ ...options, maxSteps: done - 1 })).toBe(done - 1);
      const { events } = await runTraining({ ...options, folder: `${folder.path}/run` });
      const last = events.findLast((event) => event.type === 'step-finished');
      expect(last).toMatchObject({ step: done, totalSteps: done });
    },
  );
});
