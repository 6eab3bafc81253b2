import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

import { freshFolder } from '../../testing/fresh-folder.ts';
import { runTraining, toyTraining } from '../../testing/toy-training.ts';
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
