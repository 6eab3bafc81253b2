import '@tensorflow/tfjs';

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { setBackend } from '@tensorflow/tfjs-core';
import { lastValueFrom, of, toArray } from 'rxjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { loadCheckpoint } from '../checkpoint/checkpoint.ts';
import { writeSafetensors } from '../checkpoint/safetensors.ts';
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
import type { HostTree } from '../tensor/spec.ts';
import { eagerEngine } from '../testing/eager-engine.ts';
import { exampleMetadata, numberedGroups, splitOf } from '../testing/example-dataset.ts';
import { toyModel } from '../testing/toy-model.ts';
import { halfAverage, momentum, signDescent } from '../testing/toy-parts.ts';
import averageStage from './average.ts';
import evaluateStage from './evaluate.ts';
import computeStage from './test-time-compute.ts';
import trainStage from './train.ts';

let runFolder: string;

beforeAll(() => setBackend('cpu'));
beforeEach(async () => {
  runFolder = await mkdtemp(join(tmpdir(), 'eddy-stages-'));
});
afterEach(() => rm(runFolder, { recursive: true }));

/** 8 training examples, 5 to evaluate on: a batch of 4 and a padded one. */
function exampleArtifact(identifiers: readonly string[]): Artifact {
  const train = splitOf('train', numberedGroups(Array.from({ length: 8 }, () => [1])));
  const test = splitOf('test', numberedGroups(Array.from({ length: 5 }, () => [1])));
  // As they come, first labels are not scored: nothing would be learned.
  train.split.labels.forEach((_, i, labels) => (labels[i] = train.split.inputs[i - (i % 4)]!));
  const splits = { train: train.split, test: test.split };
  const value: DatasetArtifact = {
    folder: '/data',
    metadata: {
      ...train.metadata,
      splits: { ...train.metadata.splits, ...test.metadata.splits },
    },
    identifiers: () => Promise.resolve(identifiers),
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

function partFactory(witness: Witness, identifiers: number): PartFactory {
  const made: Record<string, unknown> = {
    model: toyModel({ ...exampleMetadata, maxSteps: 3, identifiers }),
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
  readonly identifiers?: readonly string[];
  readonly train?: Record<string, unknown>;
  readonly evaluate?: Record<string, unknown>;
  /** Options of stage `test-time-compute`; without them the pipeline has none. */
  readonly compute?: Record<string, unknown>;
  readonly average?: Record<string, unknown>;
  readonly engine?: () => Engine;
  /** Only these stages. */
  readonly stages?: readonly string[];
}

async function run(settings: Settings = {}) {
  const bus = createEventBus();
  const events: RunEvent[] = [];
  bus.events$.subscribe((event) => events.push(event));
  const witness = new Witness();
  const { identifiers = ['<blank>', 'a', 'b'] } = settings;
  const makeEngine = settings.engine ?? eagerEngine;
  let engine: Engine | undefined;
  const model: PluginReference = { use: 'toy' };
  const servicesOf = (name: string): StageServices => ({
    name,
    bus,
    parts: partFactory(witness, identifiers.length),
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
  const build: Stage = {
    needs: [],
    provides: ['dataset'],
    run: () => of(exampleArtifact(identifiers)),
  };
  const train = await trainStage.create(trainConfig, {
    stage: servicesOf('train'),
    seeds: randomStream(1),
    configFolder: runFolder,
  });
  const evaluate = await evaluateStage.create(evaluateConfig, {
    stage: servicesOf('evaluate'),
    configFolder: runFolder,
  });
  const compute = await computeStage.create(computeStage.config.parse(settings.compute ?? {}), {
    stage: servicesOf('compute'),
    configFolder: runFolder,
    seeds: randomStream(1),
  });
  const averageOf = async (options: object) => ({
    name: 'average',
    stage: await averageStage.create(averageStage.config.parse(options), {
      stage: servicesOf('average'),
    }),
  });
  const stages = [
    { name: 'build', stage: build },
    { name: 'train', stage: train },
    ...(settings.average === undefined ? [] : [await averageOf(settings.average)]),
    { name: 'evaluate', stage: evaluate },
    ...(settings.compute === undefined ? [] : [{ name: 'compute', stage: compute }]),
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

async function stored(step: number): Promise<HostTree> {
  const name = `step-${String(step).padStart(8, '0')}`;
  return (await loadCheckpoint(join(runFolder, 'checkpoints', name))).state;
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

  it('is the same when the training was resumed in between', async () => {
    const hash = async ({ artifacts }: Awaited<ReturnType<typeof run>>) => {
      const { path } = artifacts.find(({ label }) => label === 'average')!;
      return (await loadCheckpoint(path)).manifest.stateHash;
    };
    const average = { last: 2, of: 'parameters' };
    const uninterrupted = await hash(await run({ average }));
    await rm(runFolder, { recursive: true });

    const checkpoint = { keep: 1 };
    expect(await hash(await run({ average, train: { maxSteps: 6, checkpoint } }))).not.toBe(
      uninterrupted,
    );
    expect(await hash(await run({ average, train: { checkpoint } }))).toBe(uninterrupted);
  });

  it('wants as many weights as checkpoints', async () => {
    const few = run({ average: { last: 2, weights: [0.5, 0.5] }, train: { maxSteps: 6 } });
    await expect(few).rejects.toMatchObject({ code: 'AVERAGE_ALPHAS_INVALID' });
    const wrong = averageStage.config.safeParse({ last: 3, weights: [0.5, 0.5] });
    expect(wrong.error?.issues.map(({ path }) => path.join('.'))).toEqual(['weights']);
  });
});

describe('loadCheckpoint', () => {
  /** Trains elsewhere, then here from what that left. */
  const fineTune = async (options: object, identifiers: string[], first: string[]) => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'eddy-source-'));
    const here = runFolder;
    runFolder = elsewhere;
    await run({ identifiers: first, train: { maxSteps: 6 } });
    const source = await stored(6);
    runFolder = here;
    try {
      const train = { maxSteps: 1, loadCheckpoint: { from: elsewhere, ...options } };
      const { events } = await run({ identifiers, train });
      return { source, start: await stored(0), events };
    } finally {
      await rm(elsewhere, { recursive: true });
    }
  };

  it('starts from the averaged weights, with rows by the names of their identifiers', async () => {
    const { source, start, events } = await fineTune({}, ['<blank>', 'b'], ['<blank>', 'a', 'b']);
    expect(start['parameters/head']).toEqual(source['average/head']);
    expect(start['average/head']).toEqual(source['average/head']);
    expect(start['buffers/start']).toEqual(source['buffers/start']);
    expect(start['slots/v/head']!.data.every((x) => x === 0)).toBe(true);
    const rows = (state: HostTree, row: number) =>
      state['tables/puzzles']!.data.slice(8 * row, 8 * row + 8);
    expect(rows(start, 1)).toEqual(rows(source, 2));
    const texts = events.flatMap((event) => (event.type === 'message' ? [event.text] : []));
    expect(texts.join()).toMatch(/starts from weights of the average in .*2 of 2 rows of puzzles/);
  });

  it('takes the raw parameters when asked to', async () => {
    const names = ['<blank>', 'a', 'b'];
    const { source, start } = await fineTune(
      { weights: 'parameters', table: 'reset' },
      names,
      names,
    );
    expect(start['parameters/head']).toEqual(source['parameters/head']);
    expect(start['tables/puzzles']!.data.every((x) => x === 0)).toBe(true);
  });

  it('names what differs', async () => {
    const source = await mkdtemp(join(tmpdir(), 'eddy-source-'));
    const file = join(source, 'weights.safetensors');
    const tensor = (...shape: number[]) => ({
      shape,
      dtype: 'float32' as const,
      data: new Float32Array(shape.reduce((a, b) => a * b)),
    });
    await writeSafetensors(file, {
      'parameters/embed': tensor(11, 9),
      'parameters/head': tensor(8, 11),
      'parameters/extra': tensor(1),
      'buffers/start': tensor(8),
      'tables/puzzles': tensor(7, 8),
    });
    const starting = run({ train: { loadCheckpoint: { from: file } } });
    await expect(starting).rejects.toMatchObject({
      code: 'WEIGHTS_MISMATCH',
      facts: {
        received: [
          'parameters/embed: expected float32[11,8], received float32[11,9]',
          'parameters/bias: expected float32[11], received absent',
          'parameters/extra: expected absent, received float32[1]',
        ].join('; '),
      },
    });
    const nowhere = run({ train: { loadCheckpoint: { from: 'nowhere' } } });
    await expect(nowhere).rejects.toMatchObject({ code: 'CHECKPOINT_NOT_FOUND' });
    await rm(source, { recursive: true });
  });
});

describe('test-time compute', () => {
  const sweep = [{ steps: [1, 3, 5] }, { steps: 3, trajectories: 3, noise: 1 }];

  it('measures the last checkpoint when training has ended', async () => {
    const { events } = await run({ compute: { sweep } });
    const measured = events.filter((event) => event.type === 'compute-measured');
    expect(measured.map(({ step }) => step)).toEqual([12]);
    const { results, folder } = measured[0]!;
    expect(results.map(({ compute }) => compute)).toEqual([1, 3, 5, 9]);
    const stored = JSON.parse(await readFile(join(folder, 'compute.json'), 'utf8')) as object;
    expect(stored).toMatchObject({ step: 12, split: 'test', examples: 5, results });
    const table = await readFile(join(folder, 'compute.csv'), 'utf8');
    expect(table.trim().split('\r\n')).toHaveLength(5);
  });

  it('measures every checkpoint while training waits, when asked to', async () => {
    const { events } = await run({ compute: { sweep, checkpoints: 'all', maxExamples: 2 } });
    const order = events.flatMap((event) =>
      event.type === 'step-finished' || event.type === 'compute-measured'
        ? [`${event.type} ${event.step}`]
        : [],
    );
    expect(order.indexOf('compute-measured 6')).toBe(order.indexOf('step-finished 6') + 1);
    expect(order).toContain('compute-measured 12');
  });

  it('measures a checkpoint on disk alike', async () => {
    const { events } = await run({ compute: { sweep } });
    const results = (all: readonly RunEvent[]) =>
      all.flatMap((event) => (event.type === 'compute-measured' ? [event.results] : []));
    const checkpoint = join(runFolder, 'checkpoints', 'step-00000012');
    await rm(join(runFolder, 'evaluations'), { recursive: true });
    const alone = await run({ compute: { sweep, checkpoint }, stages: ['build', 'compute'] });
    expect(results(alone.events)).toEqual(results(events));
  });

  it.each([
    ['LATENT_UNKNOWN', { latents: ['z_L'] }],
    ['AUGMENTATION_MISSING', { sweep: [{ views: 2 }] }],
  ])('finds %s before training', async (code, compute) => {
    const failed = run({ compute });
    await expect(failed).rejects.toMatchObject({ code });
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
