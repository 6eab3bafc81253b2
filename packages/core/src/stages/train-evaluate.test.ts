import '@tensorflow/tfjs';

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { setBackend } from '@tensorflow/tfjs-core';
import { lastValueFrom, of, toArray } from 'rxjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { DatasetArtifact } from '../data/dataset-artifact.ts';
import type { Engine } from '../engine/engine.ts';
import { EddyError } from '../errors.ts';
import type { Evaluator } from '../evaluate/evaluator.ts';
import type { EvaluationTrace } from '../evaluate/trace.ts';
import { chainStages } from '../pipeline/chain-stages.ts';
import type { Artifact, Stage } from '../pipeline/stage.ts';
import { randomStream } from '../random/random-stream.ts';
import { createEventBus } from '../run/event-bus.ts';
import type { RunEvent } from '../run/events.ts';
import type { PartFactory, PluginReference, StageServices } from '../run/services.ts';
import { eagerEngine } from '../testing/eager-engine.ts';
import { exampleMetadata, numberedGroups, splitOf } from '../testing/example-dataset.ts';
import { toyModel } from '../testing/toy-model.ts';
import { halfAverage, momentum, signDescent } from '../testing/toy-parts.ts';
import evaluateStage from './evaluate.ts';
import trainStage from './train.ts';

let runFolder: string;

beforeAll(() => setBackend('cpu'));
beforeEach(async () => {
  runFolder = await mkdtemp(join(tmpdir(), 'eddy-stages-'));
});
afterEach(() => rm(runFolder, { recursive: true }));

/** 8 training examples, 5 to evaluate on: a batch of 4 and a padded one. */
function exampleArtifact(): Artifact {
  const train = splitOf('train', numberedGroups(Array.from({ length: 8 }, () => [1])));
  const test = splitOf('test', numberedGroups(Array.from({ length: 5 }, () => [1])));
  const splits = { train: train.split, test: test.split };
  const value: DatasetArtifact = {
    folder: '/data',
    metadata: {
      ...train.metadata,
      splits: { ...train.metadata.splits, ...test.metadata.splits },
    },
    identifiers: () => Promise.resolve(['<blank>']),
    open: (name) => Promise.resolve(splits[name as 'train' | 'test']),
  };
  return { kind: 'dataset', stage: 'build', key: 'data', path: '/data', value };
}

/** Counts the examples it sees and remembers their order. */
class Witness implements Evaluator {
  readonly requiredOutputs = ['preds'];
  readonly seen: number[] = [];
  begin(): void {
    this.seen.length = 0;
  }
  update(batch: Parameters<Evaluator['update']>[0]): void {
    expect(batch.outputs['preds']!.shape).toEqual([4, exampleMetadata.seqLen]);
    for (let row = 0; row < batch.count; row++) this.seen.push(batch.firstExample + row);
  }
  result() {
    return { metrics: { witnessed: this.seen.length } };
  }
}

function partFactory(witness: Witness): PartFactory {
  const made: Record<string, unknown> = {
    model: toyModel({ ...exampleMetadata, maxSteps: 3 }),
    optimizer: momentum(0.1),
    'row-optimizer': signDescent(0.01),
    averager: halfAverage,
    evaluator: witness,
  };
  return {
    create: (kind) => Promise.resolve(made[kind] as never),
    identify: (_kind, { use }) => use,
  };
}

interface Settings {
  readonly train?: Record<string, unknown>;
  readonly evaluate?: Record<string, unknown>;
  readonly engine?: () => Engine;
  /** Only these stages. */
  readonly stages?: readonly string[];
}

async function run(settings: Settings = {}) {
  const bus = createEventBus();
  const events: RunEvent[] = [];
  bus.events$.subscribe((event) => events.push(event));
  const witness = new Witness();
  const makeEngine = settings.engine ?? eagerEngine;
  let engine: Engine | undefined;
  const model: PluginReference = { use: 'toy' };
  const servicesOf = (name: string): StageServices => ({
    name,
    bus,
    parts: partFactory(witness),
    artifacts: { reuseOrMake: () => Promise.reject(new Error('not used')) },
    stop: { requested: false, signal: new AbortController().signal },
    force: false,
    engine: () => Promise.resolve((engine ??= makeEngine())),
    restartEngine: () => Promise.resolve((engine = makeEngine())),
    artifactKey: (inputs) => `${name}(${inputs.join()})`,
    pipelineConfig: {},
    stageConfig: (stage) => (stage === 'train' ? { model } : undefined),
    runFolder,
    resume: false,
  });
  const trainConfig = trainStage.config.parse({
    model,
    optimizer: 'momentum',
    rowOptimizer: 'sign',
    averager: 'half',
    globalBatchSize: 4,
    epochs: 6,
    evalInterval: 3,
    ...settings.train,
  });
  const evaluateConfig = evaluateStage.config.parse({
    evaluators: ['witness'],
    batchSize: 4,
    ...settings.evaluate,
  });
  const build: Stage = { needs: [], provides: ['dataset'], run: () => of(exampleArtifact()) };
  const train = await trainStage.create(trainConfig, {
    stage: servicesOf('train'),
    seeds: randomStream(1),
  });
  const evaluate = await evaluateStage.create(evaluateConfig, {
    stage: servicesOf('evaluate'),
    configFolder: runFolder,
  });
  const stages = [
    { name: 'build', stage: build },
    { name: 'train', stage: train },
    { name: 'evaluate', stage: evaluate },
  ].filter(({ name }) => settings.stages?.includes(name) ?? true);
  const observer = { started: () => undefined, finished: () => undefined };
  const artifacts = await lastValueFrom(chainStages(stages, observer).pipe(toArray()));
  return { artifacts, events, witness };
}

function evaluationsOf(artifacts: readonly Artifact[]) {
  return artifacts
    .filter(({ kind }) => kind === 'evaluation')
    .map(({ value }) => value as { step: number; metrics: Record<string, number> });
}

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
    const folder = join(runFolder, 'evaluations', 'step-00000012');
    const metrics = JSON.parse(await readFile(join(folder, 'metrics.json'), 'utf8')) as object;
    expect(metrics).toMatchObject({ step: 12, split: 'test', examples: 5 });
    const text = await readFile(join(folder, 'trace.json'), 'utf8');
    const trace = JSON.parse(text) as EvaluationTrace;
    expect(trace).toMatchObject({ step: 12, task: 'example', rows: 2, cols: 2 });
    expect(trace.examples).toHaveLength(4);
    expect(trace.examples[2]).toMatchObject({ index: 2, input: [2, 0, 1, 2], label: [0, 0, 3, 4] });
    expect(trace.examples[2]!.steps).toHaveLength(3);
  });

  it('evaluate a checkpoint on disk to the same metrics', async () => {
    const { artifacts } = await run();
    const { metrics } = evaluationsOf(artifacts)[1]!;
    const checkpoint = join(runFolder, 'checkpoints', 'step-00000012');
    await rm(join(runFolder, 'evaluations'), { recursive: true });
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
