import { describe, expect, it } from 'vitest';

import type { ExpectedDataset } from '../contracts/foresight.ts';
import { trainConfig } from './train-config.ts';
import { trainingProblems } from './foresee-training.ts';

const sizes = (rows: number) => ({
  numGroups: rows,
  numPuzzles: rows,
  numExamples: rows,
  meanPuzzleExamples: 1,
});
const dataset = {
  metadata: {} as ExpectedDataset['metadata'],
  splits: { train: sizes(1000), test: undefined },
};

function problemsOf(
  options: object,
  facts: Partial<Parameters<typeof trainingProblems>[1]> = { dataset },
) {
  const parsed = trainConfig.parse({
    model: 'm',
    optimizer: 'o',
    globalBatchSize: 100,
    epochs: 10,
    ...options,
  });
  return trainingProblems(parsed, { dataset: undefined, devices: undefined, rules: {}, ...facts });
}

it('finds nothing wrong with a training that fits', () => {
  const rules = { optimizer: { warmupSteps: 99 } };
  expect(problemsOf({}, { dataset, devices: { devices: 4 }, rules })).toEqual([]);
});

it('names the split that the dataset will not have, also where sizes are unknown', () => {
  expect(problemsOf({ split: 'trian' })).toEqual([
    {
      path: ['split'],
      message: 'the dataset will have no split "trian"',
      expected: 'one of train, test',
      received: 'trian',
      fix: 'did you mean train?',
    },
  ]);
  expect(problemsOf({ split: 'test' })).toEqual([]);
});

describe('devices', () => {
  const facts = { devices: { devices: 5 } };
  it('must divide a batch, and the sizes next to it that they divide are named', () => {
    expect(problemsOf({ globalBatchSize: 96 }, facts)).toMatchObject([
      {
        path: ['globalBatchSize'],
        received: '96',
        fix: 'write 95 or 100, or change engine.devices',
      },
    ]);
    expect(problemsOf({ globalBatchSize: 100, microBatchSize: 4 }, facts)).toMatchObject([
      { path: ['microBatchSize'], received: '4', fix: 'write 5, or change engine.devices' },
    ]);
  });
  it('may be fewer where the engine says so', () => {
    expect(
      problemsOf({ globalBatchSize: 96 }, { devices: { devices: 5, fewerDevices: true } }),
    ).toEqual([]);
  });
});

describe('steps', () => {
  it('are too few to warm up: 1,000 rows, 100 a batch, 10 epochs are 100 steps', () => {
    const rules = { optimizer: { warmupSteps: 2000 }, rowOptimizer: { warmupSteps: 100 } };
    const warning = { level: 'warning', expected: 'fewer than its 100 steps' };
    expect(problemsOf({}, { dataset, rules })).toMatchObject([
      {
        ...warning,
        path: ['optimizer', 'warmupSteps'],
        received: '2000',
        fix: 'write warmupSteps: 10, or train longer',
      },
      { ...warning, path: ['rowOptimizer', 'warmupSteps'], received: '100' },
    ]);
  });
  it('of a trial that ends early follow the schedule of the whole: no warning', () => {
    const rules = { optimizer: { warmupSteps: 50 } };
    expect(problemsOf({ maxSteps: 1 }, { dataset, rules })).toEqual([]);
  });
  it('are told where a batch holds more than an epoch', () => {
    expect(problemsOf({ globalBatchSize: 4000 })).toMatchObject([
      {
        level: 'warning',
        path: ['globalBatchSize'],
        message: expect.stringMatching(/has 2 steps$/),
        expected: 'at most 1000, the rows of an epoch',
      },
    ]);
  });
  it('are none where the epochs between two evaluations do not fill a batch', () => {
    expect(problemsOf({ globalBatchSize: 2001, evalInterval: 2 })).toEqual([
      {
        path: ['globalBatchSize'],
        message: 'the epochs between two evaluations do not fill one batch',
        expected: 'at most 2000, the rows of 2 epochs',
        received: '2001',
        fix: expect.stringMatching(
          /^write globalBatchSize: \d+ or less, or raise evalInterval$/,
        ) as string,
      },
    ]);
  });
});
