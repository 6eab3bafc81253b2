import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { openRunFolder, readJournal } from '@eddy/core/report';
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

const settingsOf = (reuseTraining: boolean) => ({
  cacheFolder: at('cache'),
  defaultEngine: 'cpu',
  offline: true,
  allowInstall: false,
  reuseTraining,
});

const run = (options: Partial<RunPipelineOptions>) =>
  runPipeline({
    file: at('p.yml'),
    builtin: BUILTIN,
    settings: settingsOf(false),
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
      asked: [{ path: 'train.epochs', value: 6 }],
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

describe('a training of other options than its checkpoint', () => {
  const edit = async (name: string, ...changes: [from: RegExp, to: string][]) => {
    const path = join(at(name), 'config.yml');
    let text = await readFile(path, 'utf8');
    for (const [from, to] of changes) {
      expect(text).toMatch(from);
      text = text.replace(from, to);
    }
    await writeFile(path, text);
  };
  const resume = (name: string, options: Partial<RunPipelineOptions> = {}) =>
    run({ file: join(at(name), 'config.yml'), runFolder: at(name), resume: 'must', ...options });
  const goOn = (from: string, to: string, ...overrides: string[]) =>
    run({
      file: join(at(from), 'config.yml'),
      overrides,
      continueFrom: at(from),
      runFolder: at(to),
    });
  const said = async (name: string) =>
    readJournal(join(at(name), 'journal.jsonl')).flatMap((event) =>
      event.type === 'message' ? [event.text] : [],
    );

  it('is refused with every difference, and allowed and recorded by one option', async () => {
    await run({ runFolder: at('r') });
    await edit('r', [/^seed: 0/m, 'seed: 3'], [/epochs: 2/, 'epochs: 4']);
    await edit('r', [/learningRate: \S+/, 'learningRate: 0.5']);
    const { error } = await resume('r');
    expect(error).toMatchObject({
      code: 'OPTIONS_DIFFER',
      facts: {
        expected: 'train.optimizer.learningRate 0.001, train.epochs 2, seed 0',
        received: 'train.optimizer.learningRate 0.5, train.epochs 4, seed 3',
      },
    });
    expect(await resume('r', { allowOtherOptions: true })).toMatchObject({ status: 'done' });
    expect(await said('r')).toContainEqual(
      expect.stringMatching(
        /^other options allowed: .*step-00000004 was made with other values: train\.optimizer\.learningRate: 0\.001 → 0\.5, train\.epochs: 2 → 4, seed: 0 → 3$/,
      ),
    );
    // From here on the checkpoint is one of these options.
    expect(await resume('r')).toMatchObject({ status: 'done' });
  }, 60_000);

  it('may have what the command gave, also when it is resumed, and nothing else', async () => {
    await run({ runFolder: at('r') });
    const lower = ['train.epochs=4', 'train.optimizer.learningRate=0.01'];
    const stop = { requested: true, signal: AbortSignal.abort() };
    const file = join(at('r'), 'config.yml');
    const first = { file, overrides: lower, continueFrom: at('r'), runFolder: at('s'), stop };
    // Stopped before it has a checkpoint of its own.
    expect(await run(first)).toMatchObject({ status: 'stopped' });
    await edit('s', [/^seed: 0/m, 'seed: 3']);
    expect((await resume('s')).error).toMatchObject({
      code: 'OPTIONS_DIFFER',
      facts: { expected: 'seed 0', received: 'seed 3' },
    });
    await edit('s', [/^seed: 3/m, 'seed: 0']);
    expect(await goOn('s', 't', 'train.epochs=6')).toMatchObject({ status: 'done' });
    expect(await resume('s')).toMatchObject({ status: 'done' });
    expect(await said('s')).toContainEqual(
      expect.stringMatching(
        /^continues .*step-00000004 with new values: train\.optimizer\.learningRate: 0\.001 → 0\.01, train\.epochs: 2 → 4$/,
      ),
    );

    // An edited config is not what the command gave.
    await edit('r', [/^seed: 0/m, 'seed: 3']);
    expect((await goOn('r', 'u', 'train.epochs=4')).error).toMatchObject({
      facts: { expected: 'seed 0', received: 'seed 3' },
    });
  }, 60_000);

  it('is refused where the checkpoints were taken over and their run is gone', async () => {
    const settings = settingsOf(true);
    await run({ runFolder: at('r'), settings });
    await run({ runFolder: at('taken'), settings });
    expect(readJournal(join(at('taken'), 'journal.jsonl'))).toContainEqual(
      expect.objectContaining({ type: 'stage-reused', stage: 'train' }),
    );
    await rm(at('r'), { recursive: true });
    await edit('taken', [/learningRate: \S+/, 'learningRate: 0.5']);
    expect((await resume('taken', { settings })).error).toMatchObject({
      code: 'OPTIONS_DIFFER',
      facts: { received: 'train.optimizer.learningRate 0.5' },
    });
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
