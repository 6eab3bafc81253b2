import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { openRunFolder } from '@eddy/core/report';
import { runPipeline, type RunPipelineOptions } from '@eddy/core/run';
import { freshFolder } from '@eddy/core/testing';
import type { EddyError } from '@eddy/tensor/errors';
import { beforeEach, describe, expect, it } from 'vitest';

import { BUILTIN } from '../project/builtin.ts';

const folder = freshFolder();
const at = (name: string) => join(folder.path, name);

const PIPELINE = `name: p
build:
  dataset: { use: sudoku, source: { generator: { size: 4, train: 8, test: 4 } } }
train:
  model: { use: trm, hiddenSize: 8, numHeads: 1, numLayers: 1, hCycles: 1, lCycles: 1, haltMaxSteps: 2, puzzleEmbeddingDim: 0 }
  optimizer: { use: adamw, learningRate: 1e-3, warmupSteps: 1 }
  averager: ema
  globalBatchSize: 4
  epochs: 2
  evalInterval: 2
evaluate: {}
engine: cpu
loggers: []
`;

beforeEach(() => writeFile(at('p.yml'), PIPELINE));

const run = (options: Partial<RunPipelineOptions>) =>
  runPipeline({
    file: at('p.yml'),
    builtin: BUILTIN,
    settings: {
      cacheFolder: at('cache'),
      defaultEngine: 'cpu',
      offline: true,
      allowInstall: false,
    },
    runsFolder: at('runs'),
    ...options,
  });

const stateHash = async (name: string, step: number): Promise<string> => {
  const file = join(
    at(name),
    'checkpoints',
    `step-${String(step).padStart(8, '0')}`,
    'manifest.json',
  );
  return (JSON.parse(await readFile(file, 'utf8')) as { stateHash: string }).stateHash;
};

/** Returns the folder and the overrides of the `pipeline resume RUN …` that an error’s fix names. */
function commandOf(error: unknown): { readonly folder: string; readonly overrides: string[] } {
  const { fix } = (error as EddyError).facts;
  const [, words] = /`pipeline resume ([^`]+)`/.exec(fix)!;
  const [path, ...overrides] = words!.trim().split(' ');
  return { folder: path!, overrides };
}

/** Follows the fix of an error as a person would, into a new run. */
const follow = (error: unknown, runFolder: string) => {
  const { folder: from, overrides } = commandOf(error);
  return run({ file: join(from, 'config.yml'), overrides, continueFrom: from, runFolder });
};

const refusal = (options: Partial<RunPipelineOptions>) =>
  run(options).then(
    ({ error }) => error,
    (error: unknown) => error,
  );

describe('training longer from where a run stands', () => {
  it('is what both errors say, ends where one long training ends, and leaves the old run alone', async () => {
    expect(await run({ runFolder: at('short') })).toMatchObject({ status: 'done' });
    const before = await readFile(join(at('short'), 'journal.jsonl'));

    const longer = { runFolder: at('short'), overrides: ['train.epochs=4'] };
    const exists = await refusal(longer);
    expect(exists).toMatchObject({ code: 'RUN_EXISTS' });
    expect(commandOf(exists)).toEqual({ folder: at('short'), overrides: ['train.epochs=4'] });
    const changed = await refusal({ ...longer, resume: 'auto' });
    expect(changed).toMatchObject({ code: 'RUN_CONFIG_CHANGED' });
    expect(commandOf(changed)).toEqual(commandOf(exists));

    expect(await follow(changed, at('longer'))).toMatchObject({ status: 'done' });
    expect(await run({ runFolder: at('whole'), overrides: ['train.epochs=4'] })).toMatchObject({
      status: 'done',
    });
    expect(await stateHash('longer', 8)).toBe(await stateHash('whole', 8));
    expect(await readFile(join(at('short'), 'journal.jsonl'))).toEqual(before);

    // And once more, from the run that went on.
    const again = await refusal({ runFolder: at('longer'), overrides: ['train.epochs=6'] });
    expect(await follow(again, at('longest'))).toMatchObject({ status: 'done' });
    const { id } = (await openRunFolder(at('longer'))).manifest;
    expect((await openRunFolder(at('longest'))).manifest.continues).toEqual({
      run: at('longer'),
      id,
      step: 8,
    });
  }, 120_000);

  it('refuses other data, as resume does', async () => {
    await run({ runFolder: at('r') });
    const overrides = ['build.dataset.seed=1', 'train.epochs=4'];
    const { error } = await run({
      file: join(at('r'), 'config.yml'),
      overrides,
      continueFrom: at('r'),
      runFolder: at('other'),
    });
    expect(error).toMatchObject({ code: 'RUN_DATA_CHANGED' });
  }, 60_000);
});

it('follows the fix of numbers that broke down to a training that ends', async () => {
  const rate = ['train.optimizer.learningRate=1e38'];
  const first = await refusal({ runFolder: at('r'), overrides: rate });
  expect(first).toMatchObject({ code: 'NON_FINITE' });
  expect(commandOf(first)).toEqual({
    folder: at('r'),
    overrides: ['train.optimizer.learningRate=0.001'],
  });
  expect(await follow(first, at('s'))).toMatchObject({ status: 'done' });
}, 60_000);
