import '@tensorflow/tfjs-backend-cpu';
import '@eddy/tfjs';

import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';

import type { Engine } from '../contracts/engine.ts';
import { EddyError } from '@eddy/tensor/errors';
import { readOutcomes } from '../evaluate/outcomes.ts';
import type { EvaluationTrace } from '../evaluate/trace.ts';
import { eagerEngine } from '../testing/eager-engine.ts';
import { freshFolder } from '../testing/fresh-folder.ts';
import { evaluationsOf, runStages, type ToyPipeline } from '../testing/toy-stages.ts';
import trainStage from './train.plugin.ts';

const runFolder = freshFolder();

beforeAll(() => setBackend('cpu'));

const run = (settings: Omit<ToyPipeline, 'runFolder'> = {}) =>
  runStages({ runFolder: runFolder.path, ...settings });

describe('train and evaluate', () => {
  it('evaluate each checkpoint while training waits', async () => {
    const { artifacts, events, witness } = await run();
    expect(evaluationsOf(artifacts).map(({ step }) => step)).toEqual([6, 12]);
    expect(evaluationsOf(artifacts)[1]!.metrics['witnessed']).toBe(5);
    expect(witness.seen).toEqual([0, 1, 2, 3, 4]);
    const order = events.flatMap((event) =>
      event.type === 'step-finished' || event.type === 'evaluation-finished'
        ? [`${event.type} ${event.step}`]
        : [],
    );
    expect(order.indexOf('evaluation-finished 6')).toBe(order.indexOf('step-finished 6') + 1);
    expect(order.indexOf('step-finished 7')).toBe(order.indexOf('step-finished 6') + 2);
  });

  it('write metrics and the steps of a few examples', async () => {
    await run();
    const folder = join(runFolder.path, 'evaluations', 'step-00000012');
    const metrics = JSON.parse(await readFile(join(folder, 'metrics.json'), 'utf8')) as object;
    expect(metrics).toMatchObject({ step: 12, split: 'test', examples: 5 });
    const text = await readFile(join(folder, 'trace.json'), 'utf8');
    const trace = JSON.parse(text) as EvaluationTrace;
    expect(trace).toMatchObject({ step: 12, task: 'example', rows: 2, cols: 2 });
    expect(trace.format).toBe('eddy-trace/2');
    const { examples } = trace;
    expect(examples.map(({ index }) => index).sort()).toEqual([0, 1, 2, 3, 4]);
    expect(
      examples
        .filter(({ fixed }) => fixed)
        .map(({ index }) => index)
        .sort(),
    ).toEqual([0, 1, 2]);
    const third = examples.find(({ index }) => index === 2)!;
    expect(third).toMatchObject({ input: [2, 0, 1, 2], label: [0, 0, 3, 4] });
    expect(third.steps).toHaveLength(3);
    // What a trace calls wrong is wrong in the evaluation itself.
    const outcomes = (await readOutcomes(folder))!;
    expect(outcomes).toMatchObject({ step: 12, split: 'test', examples: 5, recorded: 5 });
    const [bits] = Buffer.from(outcomes.bits, 'base64');
    for (const { index, solved, steps, label } of examples) {
      const { preds } = steps.at(-1)!;
      const isRight = label.every((token, i) => token === trace.notScored || token === preds[i]);
      expect([solved, ((bits! >> index) & 1) === 1]).toEqual([isRight, isRight]);
    }
  });

  it('trace the answers of a model that says nothing of halting', async () => {
    const { artifacts } = await run({ outputs: ['preds'] });
    expect(evaluationsOf(artifacts).map(({ step }) => step)).toEqual([6, 12]);
    const folder = join(runFolder.path, 'evaluations', 'step-00000012');
    const trace = JSON.parse(await readFile(join(folder, 'trace.json'), 'utf8')) as EvaluationTrace;
    expect(trace.examples).toHaveLength(5);
    for (const { steps } of trace.examples) {
      expect(steps).toHaveLength(3);
      for (const step of steps) expect(Object.keys(step)).toEqual(['preds']);
    }
  });

  it('keep the best checkpoint beyond the newest ones, and all that were evaluated when asked to', async () => {
    const left = async () =>
      (await readdir(join(runFolder.path, 'checkpoints')))
        .filter((name) => name.startsWith('step-'))
        .sort();
    const train = { evalInterval: 1 };
    const { artifacts } = await run({ train: { ...train, checkpoint: { every: 1, keep: 1 } } });
    const evaluations = evaluationsOf(artifacts);
    expect(evaluations.map(({ step }) => step)).toEqual([2, 4, 6, 8, 10, 12]);
    const accuracies = evaluations.map(({ metrics }) => metrics['accuracy']!);
    const best = evaluations[accuracies.indexOf(Math.max(...accuracies))]!.step;
    const folderOf = (step: number) => `step-${String(step).padStart(8, '0')}`;
    expect(await left()).toEqual([...new Set([best, 12])].map(folderOf));
    await rm(runFolder.path, { recursive: true });
    await run({ train: { ...train, checkpoint: { every: 1, keep: 1, keepEvaluated: true } } });
    expect(await left()).toEqual([2, 4, 6, 8, 10, 12].map(folderOf));
  });

  it('say that no checkpoint lies where one is to be evaluated', async () => {
    const evaluate = { checkpoint: join(runFolder.path, 'nowhere') };
    await expect(run({ evaluate, stages: ['build', 'evaluate'] })).rejects.toMatchObject({
      code: 'CHECKPOINT_NOT_FOUND',
    });
  });

  it('evaluate a checkpoint on disk to the same metrics', async () => {
    const { artifacts } = await run();
    const { metrics } = evaluationsOf(artifacts)[1]!;
    const checkpoint = join(runFolder.path, 'checkpoints', 'step-00000012');
    await rm(join(runFolder.path, 'evaluations'), { recursive: true });
    const alone = await run({ evaluate: { checkpoint }, stages: ['build', 'evaluate'] });
    expect(evaluationsOf(alone.artifacts)).toMatchObject([{ step: 12, metrics }]);
  });

  it('do not repeat a finished evaluation when resumed', async () => {
    await run({ train: { maxSteps: 6 } });
    const resumed = await run();
    const started = resumed.events.filter((event) => event.type === 'evaluation-started');
    expect(started.map(({ step }) => step)).toEqual([12]);
  });

  it('survive an engine that dies in an evaluation', async () => {
    let lives = 0;
    const engine = (): Engine => {
      lives += 1;
      const living = eagerEngine();
      if (lives > 1) return living;
      return {
        ...living,
        compile: async (program) => {
          const executable = await living.compile(program);
          if (program.name !== 'evaluate-step') return executable;
          const died = new EddyError({ code: 'ENGINE_DIED', message: 'gone', fix: 'resume' });
          return {
            name: executable.name,
            outputs: executable.outputs,
            stats: executable.stats,
            dispose: () => executable.dispose(),
            run: () => Promise.reject(died),
          };
        },
      };
    };
    const { artifacts, events } = await run({ engine });
    expect(evaluationsOf(artifacts).map(({ step }) => step)).toEqual([6, 12]);
    expect(events.filter((event) => event.type === 'engine-died')).toHaveLength(1);
  });

  it('take only the first maxExamples', async () => {
    const { artifacts } = await run({ evaluate: { maxExamples: 3 }, train: { maxSteps: 1 } });
    expect(evaluationsOf(artifacts)[0]!.metrics['witnessed']).toBe(3);
  });
});

describe('options of train', () => {
  const options = { model: 'm', optimizer: 'o', globalBatchSize: 6, epochs: 10 };

  it.each([
    ['evalInterval', { evalInterval: 3 }],
    ['microBatchSize', { microBatchSize: 4 }],
  ])('refuses a %s that divides unevenly', (path, wrong) => {
    const result = trainStage.config.safeParse({ ...options, ...wrong });
    expect(result.error?.issues.map((issue) => issue.path.join('.'))).toEqual([path]);
  });
});
