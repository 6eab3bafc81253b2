/** `train.monitor` with the stages that evaluate: what they measure for it, and what is found before a run. */
import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

import { readBest } from '../checkpoint/best.ts';
import { findCheckpoint } from '../checkpoint/find-checkpoint.ts';
import type { PluginReference, StageView } from '../contracts/services.ts';
import { exampleMetadata } from '../testing/example-dataset.ts';
import { freshFolder } from '../testing/fresh-folder.ts';
import {
  evaluationsOf as evaluationArtifacts,
  runStages,
  type ToyPipeline,
} from '../testing/toy-stages.ts';
import { evaluationsOf, isEvaluated } from './evaluations.ts';
import { monitorProblems } from './foresee-training.ts';
import trainStage from './train.plugin.ts';

const runFolder = freshFolder();

beforeAll(() => setBackend('cpu'));

const run = (settings: Omit<ToyPipeline, 'runFolder'> = {}) =>
  runStages({ runFolder: runFolder.path, splits: ['validation'], ...settings });

const BY_ACCURACY = { metric: 'accuracy' };

describe('train.monitor', () => {
  it('has its split evaluated beside the one of the stage, into a folder of its own', async () => {
    const { events, artifacts, witness } = await run({ train: { monitor: BY_ACCURACY } });
    const evaluated = events.flatMap((event) =>
      event.type === 'evaluation-finished'
        ? [[event.step, event.split, event.folder.split('/').at(-1)]]
        : [],
    );
    expect(evaluated).toEqual([
      [6, 'validation', 'step-00000006-on-validation'],
      [6, 'test', 'step-00000006'],
      [12, 'validation', 'step-00000012-on-validation'],
      [12, 'test', 'step-00000012'],
    ]);
    expect(
      new Set(artifacts.filter(({ kind }) => kind === 'evaluation').map(({ key }) => key)).size,
    ).toBe(4);
    expect(evaluationArtifacts(artifacts).map(({ step }) => step)).toEqual([6, 6, 12, 12]);
    expect(witness.seen).toHaveLength(5);
    const file = join(runFolder.path, 'evaluations', 'step-00000012-on-validation', 'metrics.json');
    const { metrics } = JSON.parse(await readFile(file, 'utf8')) as {
      metrics: { accuracy: number };
    };
    const updates = events.filter((event) => event.type === 'monitor-updated');
    expect(updates.map(({ step, split, stage }) => [step, split, stage])).toEqual([
      [6, 'validation', 'train'],
      [12, 'validation', 'train'],
    ]);
    expect(updates[1]!.value).toBe(metrics.accuracy);
    expect(await readBest(join(runFolder.path, 'checkpoints'))).toMatchObject({
      split: 'validation',
      metric: 'accuracy',
      isMonitored: true,
    });
  });

  it('evaluates nothing more without it, nor where the stage has that split already', async () => {
    const splitsOf = async (settings: Omit<ToyPipeline, 'runFolder'>) => {
      await rm(runFolder.path, { recursive: true, force: true });
      return (await run(settings)).events.flatMap((event) =>
        event.type === 'evaluation-finished' ? [event.split] : [],
      );
    };
    expect(await splitsOf({})).toEqual(['test', 'test']);
    const onTest = { train: { monitor: { ...BY_ACCURACY, split: 'test' } } };
    expect(await splitsOf(onTest)).toEqual(['test', 'test']);
    const evaluate = { split: 'validation' };
    expect(await splitsOf({ train: { monitor: BY_ACCURACY }, evaluate })).toEqual([
      'validation',
      'validation',
    ]);
  });

  it('is not moved by averaged weights, which are evaluated on both splits too', async () => {
    const { events } = await run({ train: { monitor: BY_ACCURACY }, average: { last: 2 } });
    const labelled = events.flatMap((event) =>
      event.type === 'evaluation-finished' && event.label === 'average' ? [event.split] : [],
    );
    expect(labelled).toEqual(['validation', 'test']);
    expect(events.filter(({ type }) => type === 'monitor-updated')).toHaveLength(2);
  });

  it('repeats no evaluation in a resumed run, and chooses the same', async () => {
    const settings = { train: { monitor: BY_ACCURACY } };
    await run({ train: { ...settings.train, maxSteps: 6 } });
    const { events } = await run(settings);
    const started = events.filter(({ type }) => type === 'evaluation-started');
    expect(started.map((event) => 'step' in event && event.step)).toEqual([12, 12]);
    expect(events.flatMap((e) => (e.type === 'monitor-updated' ? [e.step] : []))).toEqual([6, 12]);
  });

  it('lets the best checkpoint be found, measured and started from', async () => {
    // Steps 6 and 12 end with the same training; the first one is best for a metric that never moves.
    const monitor = { metric: 'witnessed', mode: 'max' };
    const { events } = await run({
      train: { monitor, checkpoint: { keep: 1 } },
      compute: { sweep: [{ steps: 1 }], checkpoints: 'best' },
    });
    const checkpoints = join(runFolder.path, 'checkpoints');
    expect((await readdir(checkpoints)).sort()).toEqual([
      'best.json',
      'step-00000006',
      'step-00000012',
    ]);
    expect(events.flatMap((e) => (e.type === 'compute-measured' ? [e.step] : []))).toEqual([6]);
    const warnings: string[] = [];
    const warn = (text: string) => warnings.push(text);
    const stepOf = async (which?: 'last' | 'best') =>
      (await findCheckpoint(runFolder.path, { which, warn })).manifest.step;
    expect([await stepOf(), await stepOf('last'), await stepOf('best')]).toEqual([12, 12, 6]);
    expect(warnings).toEqual([]);
    const one = join(checkpoints, 'step-00000012');
    await expect(findCheckpoint(one, { which: 'best', warn })).rejects.toMatchObject({
      code: 'BEST_UNKNOWN',
    });
  });

  it('has the best checkpoint of the training measured where an average comes behind it', async () => {
    const { events } = await run({
      train: { monitor: { metric: 'witnessed', mode: 'max' } },
      average: { last: 2 },
      compute: { sweep: [{ steps: 1 }], checkpoints: 'best' },
    });
    expect(
      events.flatMap((e) => (e.type === 'compute-measured' ? [[e.step, e.label]] : [])),
    ).toEqual([[6, undefined]]);
  });

  it('says of data without the split what to do, when they are there', async () => {
    const settings = { train: { monitor: BY_ACCURACY }, splits: [] };
    await expect(run(settings)).rejects.toMatchObject({
      code: 'MONITOR_SPLIT_MISSING',
      facts: { at: 'train.monitor.split', received: 'validation', expected: 'one of train, test' },
    });
  });
});

describe('a best checkpoint that test data chose', () => {
  it('is found with a warning that says so', async () => {
    await run({ train: { checkpoint: { keep: 1 } } });
    const warnings: string[] = [];
    await findCheckpoint(runFolder.path, { which: 'best', warn: (text) => warnings.push(text) });
    expect(warnings).toEqual([
      expect.stringMatching(/on test, and the same data chose it: figures on test are optimistic/),
    ]);
  });

  it('is an error where nothing was evaluated', async () => {
    await run({ stages: ['build', 'train'] });
    await expect(
      findCheckpoint(runFolder.path, { which: 'best', warn: () => undefined }),
    ).rejects.toMatchObject({
      code: 'BEST_UNKNOWN',
      facts: { fix: expect.stringContaining('--which last') as string },
    });
  });
});

describe('options of train.monitor', () => {
  const problems = (monitor: object, metrics = {}) => {
    const given = { model: 'm', optimizer: 'o', globalBatchSize: 6, epochs: 10, monitor };
    return trainStage.check!(trainStage.config.parse(given), { metrics });
  };

  it('have defaults that need no word, and a mode that is known', () => {
    const given = { model: 'm', optimizer: 'o', globalBatchSize: 6, epochs: 10, monitor: {} };
    expect(trainStage.config.parse(given).monitor).toEqual({
      metric: 'exact_accuracy',
      split: 'validation',
    });
    expect(problems({})).toEqual([]);
    expect(problems({ metric: 'lm_loss' })).toEqual([]);
    expect(problems({ metric: 'steps', mode: 'min' })).toEqual([]);
  });

  it('say the mode of a metric of which nobody knows what is better', () => {
    expect(problems({ metric: 'steps' })).toMatchObject([
      {
        path: ['monitor', 'mode'],
        expected: 'max or min',
        fix: expect.stringContaining('mode: max') as string,
      },
    ]);
    const described = { steps: { label: 'Steps', explanation: '', better: 'lower' } };
    expect(problems({ metric: 'steps' }, described)).toEqual([]);
  });

  it('refuse a patience of none', () => {
    const given = {
      model: 'm',
      optimizer: 'o',
      globalBatchSize: 6,
      epochs: 10,
      monitor: { patience: 0 },
    };
    expect(trainStage.config.safeParse(given).success).toBe(false);
  });
});

/** Stages in the order of a pipeline; what they take from is named. */
const view = (name: string, use: string, takesFrom: string[], options: object = {}): StageView => ({
  name,
  reference: { use, ...options } as PluginReference,
  takesFrom,
  provides: { build: ['dataset'], evaluate: ['evaluation'] }[use] ?? ['checkpoint'],
  parts: use === 'train' ? [{ kind: 'optimizer', reference: { use: 'adamw' } }] : [],
});

const monitored = { monitor: { metric: 'lm_loss', split: 'validation' } };

describe('the stages that evaluate a training', () => {
  it('are told apart in a pipeline with several; the first of each has the monitored split', () => {
    const views = [
      view('build', 'build', []),
      view('pretrain', 'train', ['build'], monitored),
      view('evaluate-first', 'evaluate', ['build', 'pretrain'], { split: 'test' }),
      view('evaluate-more', 'evaluate', ['build', 'pretrain'], { split: 'test' }),
      view('finetune', 'train', ['build', 'pretrain'], monitored),
      view('average', 'average', ['finetune']),
      view('on-validation', 'evaluate', ['build', 'average'], { split: 'validation' }),
      view('evaluate', 'evaluate', ['build', 'average'], { split: 'test' }),
      view('alone', 'evaluate', ['build'], { split: 'test', checkpoint: 'somewhere' }),
    ];
    expect(
      evaluationsOf(views).map(({ stage, training, splits }) => [stage, training, splits]),
    ).toEqual([
      ['evaluate-first', 'pretrain', ['validation', 'test']],
      ['evaluate-more', 'pretrain', ['test']],
      ['on-validation', 'finetune', ['validation']],
      ['evaluate', 'finetune', ['test']],
    ]);
  });
});

describe('a monitor before a run', () => {
  const problemsOf = (splits: readonly string[], split = 'validation', isEvaluated = true) => {
    const dataset = {
      metadata: exampleMetadata,
      splits: Object.fromEntries(splits.map((name) => [name, undefined])),
    };
    const monitor = { metric: 'lm_loss', split };
    return monitorProblems({ monitor, epochs: 10, evalInterval: 2 }, { dataset, isEvaluated });
  };

  it('is refused where the split will not be there', () => {
    expect(problemsOf(['train', 'test'])).toMatchObject([
      {
        path: ['monitor', 'split'],
        fix: expect.stringContaining('build.validation=0.1') as string,
      },
    ]);
    expect(problemsOf(['train', 'test'], 'tset')).toMatchObject([
      { expected: 'one of train, test', fix: 'did you mean test?' },
    ]);
    expect(problemsOf(['train', 'validation'])).toEqual([]);
    expect(monitorProblems({ epochs: 10 }, { dataset: undefined, isEvaluated: false })).toEqual([]);
  });

  it.each([
    { epochs: 10, evalInterval: 2, patience: 4, warnings: 0 },
    { epochs: 10, evalInterval: 2, patience: 5, warnings: 1 },
    { epochs: 10, patience: 1, warnings: 1 }, // one evaluation, at the end
  ])('warns of a patience that outlasts the training: $epochs epochs, $patience', (given) => {
    const { patience, warnings, ...lengths } = given;
    const monitor = { split: 'test', metric: 'accuracy', patience } as const;
    const problems = monitorProblems(
      { monitor, ...lengths },
      { dataset: undefined, isEvaluated: true },
    );
    expect(problems).toMatchObject(
      Array.from({ length: warnings }, () => ({
        level: 'warning',
        path: ['monitor', 'patience'],
        received: String(patience),
      })),
    );
    expect(problems).toHaveLength(warnings);
  });

  it('is refused where nobody evaluates', () => {
    expect(problemsOf(['train', 'validation'], 'validation', false)).toMatchObject([
      { path: ['monitor'], expected: 'a stage evaluate after this one' },
    ]);
  });

  it('knows who evaluates, by way of stages that pass checkpoints on', () => {
    const train = view('train', 'train', ['build'], monitored);
    const views = [
      train,
      view('average', 'average', ['train']),
      view('evaluate', 'evaluate', ['average']),
    ];
    expect(isEvaluated('train', views)).toBe(true);
    expect(isEvaluated('train', [train, view('evaluate', 'evaluate', ['build'])])).toBe(false);
    // As `pipeline evaluate` has it, where the training does not run.
    const given = view('evaluate', 'evaluate', ['build'], { checkpoint: 'run/checkpoints' });
    expect(isEvaluated('train', [train, given])).toBe(true);
  });
});
