import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { checkStages, planPipeline, readPipeline, runPipeline } from '@eddy/core/run';
import { freshFolder } from '@eddy/core/testing';
import { beforeEach, describe, expect, it } from 'vitest';

import { BUILTIN } from '../project/builtin.ts';

const folder = freshFolder();
const file = () => join(folder.path, 'p.yml');
const settings = () => ({
  cacheFolder: join(folder.path, 'cache'),
  defaultEngine: 'cpu',
  offline: true,
  allowInstall: false,
});

/** A pipeline whose data lie on the hub, and nobody has fetched them. */
const PIPELINE = `name: p
build:
  dataset: { use: sudoku, subsampleSize: 1000 }
augment:
  augmentation: { use: sudoku-shuffle, numVersions: 10 }
train:
  model: { use: trm, hiddenSize: 16, numHeads: 2, hCycles: 1, lCycles: 1, haltMaxSteps: 2, puzzleEmbeddingDim: 0 }
  optimizer: { use: adamw, learningRate: 1e-3, warmupSteps: 10 }
  globalBatchSize: 8
  epochs: 1
evaluate: { maxExamples: 8 }
engine: cpu
loggers: []
`;

beforeEach(() => writeFile(file(), PIPELINE));

async function check(...overrides: string[]) {
  const pipeline = await readPipeline(file(), overrides, {
    builtin: BUILTIN,
    settings: settings(),
  });
  return checkStages(pipeline, settings(), join(folder.path, 'runs'));
}

/** The problems that refuse the pipeline: path and message. */
async function problemsOf(...overrides: string[]) {
  const error: unknown = await check(...overrides).catch((refused: unknown) => refused);
  return (error as { problems?: { path: unknown[]; message: string }[] }).problems?.map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  );
}

describe('what is known before anything runs', () => {
  it('is nothing wrong with a pipeline that fits, and the disk is left alone', async () => {
    expect(await check()).toEqual([]);
    expect(await readdir(folder.path)).toEqual(['p.yml']);
  });

  it('is said all at once, with the place of each', async () => {
    expect(
      await problemsOf(
        'train.split=trian',
        'evaluate.split=tset',
        'engine={use: xla-cpu, devices: 5}',
      ),
    ).toEqual([
      'train.globalBatchSize: the rows of a batch cannot be shared equally by the devices of the engine',
      'train.split: the dataset will have no split "trian"',
      'evaluate.split: the dataset will have no split "tset"',
    ]);
  });

  it('includes what the plugins themselves refuse, in the same list', async () => {
    expect(
      await problemsOf('evaluate.evaluators=[predictions,predictions]', 'train.split=trian'),
    ).toEqual([
      'evaluate.evaluators.1: the evaluator predictions is listed twice',
      'train.split: the dataset will have no split "trian"',
    ]);
    // A part that is refused is not refused once more where a stage makes it.
    expect(await problemsOf('train.model.numHeads=3', 'train.split=trian')).toEqual([
      'train.model.numHeads: RoPE rotates channels in pairs, but a head has an odd number of channels',
      'train.split: the dataset will have no split "trian"',
    ]);
  });

  it('includes evaluators of another task', async () => {
    expect(
      await problemsOf('evaluate.evaluators=[exact-accuracy,maze-validity,arc-voting]'),
    ).toEqual([
      'evaluate.evaluators.1: NOT_A_MAZE: maze-validity can only judge mazes',
      'evaluate.evaluators.2: NOT_ARC: arc-voting can only judge ARC',
    ]);
    expect(await check('evaluate.evaluators=[sudoku-validity]')).toEqual([]);
  });

  it('includes files that are not there: said by validate, refused by a run', async () => {
    const overrides = [
      'build.dataset={subsampleSize: null, source: {csv: {train: a.csv, test: b.csv}}}',
      'build.leakage.against=[{use: arc, subsets: [a, b], testSubsets: [], source: {folders: {a: ., b: tasks}}}]',
    ];
    await writeFile(join(folder.path, 'b.csv'), '');
    const missing = [
      ['build', 'dataset', 'source', 'csv', 'train'],
      ['build', 'leakage', 'against', 0, 'source', 'folders', 'b'],
    ];
    const warnings = await check(...overrides);
    expect(warnings.map(({ path }) => path)).toEqual(missing);
    expect(warnings[0]).toMatchObject({
      level: 'warning',
      message: `DATA_FILE_MISSING: the data file does not exist (${join(folder.path, 'a.csv')}, ${join(process.cwd(), 'a.csv')})`,
      received: 'a.csv',
      fix: 'did you mean b.csv?',
    });
    const run = runPipeline({
      file: file(),
      overrides: [...overrides, 'train.split=trian'],
      builtin: BUILTIN,
      settings: settings(),
      runsFolder: join(folder.path, 'runs'),
    });
    await expect(run).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      problems: [...missing.map((path) => ({ path })), { path: ['train', 'split'] }],
    });
  });

  it('includes steps: 1,000 rows of 8 are 125', async () => {
    expect(await check('train.optimizer.warmupSteps=2000')).toMatchObject([
      {
        level: 'warning',
        path: ['train', 'optimizer', 'warmupSteps'],
        expected: 'fewer than its 125 steps',
      },
    ]);
    expect(await check('train.globalBatchSize=1500', 'train.epochs=30')).toMatchObject([
      {
        level: 'warning',
        path: ['train', 'globalBatchSize'],
        expected: 'at most 1000, the rows of an epoch',
      },
    ]);
    expect(await problemsOf('train.globalBatchSize=1500')).toEqual([
      'train.globalBatchSize: the epochs between two evaluations do not fill one batch',
    ]);
  });

  it('includes files that engines are named by', async () => {
    await expect(check('engine={use: pjrt, plugin: ./none.so}')).rejects.toMatchObject({
      problems: [
        {
          path: ['engine', 'plugin'],
          message: 'the PJRT plugin does not exist',
          received: `no file ${join(folder.path, 'none.so')}`,
        },
      ],
    });
  });

  it('includes folders that cannot be written', async () => {
    await writeFile(join(folder.path, 'cache'), '');
    await expect(check()).rejects.toMatchObject({
      code: 'CACHE_UNUSABLE',
      facts: { fix: 'name a writable folder: `export EDDY_CACHE=FOLDER`' },
    });
    expect(await problemsOf('train.split=no')).toEqual([
      ': CACHE_UNUSABLE: the cache folder cannot be created or written (' +
        `${join(folder.path, 'cache')})`,
      'train.split: the dataset will have no split "no"',
    ]);
  });
});

it('plans without data: sizes, memory, disk and time', async () => {
  await mkdir(join(folder.path, 'runs'));
  const [plan] = await planPipeline({
    file: file(),
    // Nobody makes a million puzzles for it.
    overrides: [
      'build.dataset={use: sudoku, subsampleSize: null, source: {generator: {size: 4, train: 1000000, test: 1000}}}',
    ],
    builtin: BUILTIN,
    settings: settings(),
    runsFolder: join(folder.path, 'runs'),
  });
  expect(plan).toMatchObject({
    dataset: 'sudoku, 1,000,000 examples in train',
    totalSteps: 125_000,
    evaluations: { count: 1 },
    // Question and answer of 16 cells each, and four numbers.
    disk: { checkpoints: 4, dataBytes: 1_001_000 * (2 * 16 + 16) },
  });
  expect(plan!.stepMs).toBeGreaterThan(0);
  expect(plan!.disk!.freeBytes).toBeGreaterThan(0);
  // Parameters and two means of each, and the carry: of 8 rows, two latents of 16 tokens of 16 channels.
  expect(plan!.disk!.checkpointBytes).toBeGreaterThan(4 * (3 * plan!.parameters + 8 * 2 * 16 * 16));
  expect(await readdir(join(folder.path, 'runs'))).toEqual([]);
});
