import { basename, join } from 'node:path';

import { lastValueFrom, of, toArray } from 'rxjs';
import { expect } from 'vitest';

import { loadCheckpoint } from '../checkpoint/checkpoint.ts';
import type { DatasetArtifact } from '../data/dataset-artifact.ts';
import type { Engine } from '../contracts/engine.ts';
import type { Split } from '../contracts/dataset.ts';
import type { Evaluator } from '../contracts/evaluator.ts';
import { chainStages } from '../pipeline/chain-stages.ts';
import { providerOf, type NamedStage } from '../pipeline/order-stages.ts';
import type { Artifact, Stage } from '../contracts/stage.ts';
import { randomStream } from '../random/random-stream.ts';
import { createEventBus } from '../run/event-bus.ts';
import type { RunEvent } from '../contracts/events.ts';
import type {
  PartFactory,
  PluginReference,
  StageServices,
  StageView,
} from '../contracts/services.ts';
import averageStage from '../stages/average.plugin.ts';
import evaluateStage from '../stages/evaluate.plugin.ts';
import computeStage from '../stages/test-time-compute.plugin.ts';
import trainStage from '../stages/train.plugin.ts';
import type { HostTree } from '@eddy/tensor/spec';
import { eagerEngine } from './eager-engine.ts';
import { exampleMetadata, numberedGroups, splitOf } from './example-dataset.ts';
import { toyModel } from './toy-model.ts';
import { halfAverage, momentum, signDescent } from './toy-parts.ts';

export interface ToyPipeline {
  /** Of the run: checkpoints and evaluations go there. */
  readonly runFolder: string;
  readonly identifiers?: readonly string[];
  /** The model as the pipeline names it; every option makes the same toy. */
  readonly model?: PluginReference;
  readonly train?: Record<string, unknown>;
  /** Splits of the data beyond train and test, with as many examples as test. */
  readonly splits?: readonly string[];
  readonly evaluate?: Record<string, unknown>;
  /** Options of stage `test-time-compute`; without them the pipeline has none. */
  readonly compute?: Record<string, unknown>;
  readonly average?: Record<string, unknown>;
  /** Options of further stages `average`, by name. */
  readonly averages?: Readonly<Record<string, object>>;
  readonly engine?: () => Engine;
  /** Names that the model says it gives; all by default. */
  readonly outputs?: readonly string[];
  /** The cache; none by default. */
  readonly artifacts?: StageServices['artifacts'];
  /** Takes each event, as a journal does. */
  readonly record?: (event: RunEvent) => void;
  /** Only these stages. */
  readonly stages?: readonly string[];
}

/** Build, train and evaluate with the toy model, as a pipeline chains them. */
export async function runStages(settings: ToyPipeline) {
  const { record } = settings;
  const bus = createEventBus(record && { record });
  const events: RunEvent[] = [];
  bus.events$.subscribe((event) => events.push(event));
  const witness = new Witness();
  const { runFolder, identifiers = ['<blank>', 'a', 'b'] } = settings;
  const makeEngine = settings.engine ?? eagerEngine;
  let engine: Engine | undefined;
  const model: PluginReference = settings.model ?? { use: 'toy' };
  const views: StageView[] = [];
  const servicesOf = (name: string): StageServices => ({
    name,
    bus,
    parts: partFactory(witness, identifiers.length, settings.outputs),
    artifacts: settings.artifacts ?? {
      reuseOrMake: () => Promise.reject(new Error('not used')),
      find: () => Promise.resolve(undefined),
      keep: () => Promise.reject(new Error('not used')),
    },
    stop: { requested: false, signal: new AbortController().signal },
    engine: () => Promise.resolve((engine ??= makeEngine())),
    restartEngine: () => Promise.resolve((engine = makeEngine())),
    artifactKey: (inputs) => `${name}(${inputs.join()})`,
    stages: () => views,
    runFolder,
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
    run: () => of(exampleArtifact(identifiers, settings.splits)),
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
  const averages = Object.entries({
    ...(settings.average === undefined ? {} : { average: settings.average }),
    ...settings.averages,
  }).map(async ([name, options]) => {
    const stage = servicesOf(name);
    return {
      name,
      stage: await averageStage.create(averageStage.config.parse(options), { stage }),
    };
  });
  const stages = [
    { name: 'build', stage: build },
    { name: 'train', stage: train },
    ...(await Promise.all(averages)),
    { name: 'evaluate', stage: evaluate },
    ...(settings.compute === undefined ? [] : [{ name: 'compute', stage: compute }]),
  ].filter(({ name }) => settings.stages?.includes(name) ?? true);
  const viewOf = viewsWith(model, { train: trainConfig, evaluate: evaluateConfig });
  views.push(...stages.map(viewOf));
  const observer = { started: () => undefined, finished: () => undefined };
  const artifacts = await lastValueFrom(chainStages(stages, observer).pipe(toArray()));
  return { artifacts, events, witness };
}

/** Stages of a pipeline in which all are called as their plugins, but for those of averages. */
const viewsWith =
  (model: PluginReference, options: Readonly<Record<string, object>>) =>
  ({ name, stage }: NamedStage, index: number, stages: readonly NamedStage[]): StageView => {
    const isAverage = name !== 'train' && stage.provides.includes('checkpoint');
    return {
      name,
      reference: { use: isAverage ? 'average' : name, ...options[name] },
      provides: stage.provides,
      parts:
        name === 'train'
          ? [
              { kind: 'model', reference: model },
              { kind: 'optimizer', reference: { use: 'momentum' } },
            ]
          : [],
      takesFrom: stage.needs.map((need) => stages[providerOf(stages, index, need)]!.name),
    };
  };

export function evaluationsOf(artifacts: readonly Artifact[]) {
  return artifacts
    .filter(({ kind }) => kind === 'evaluation')
    .map(({ value }) => value as { step: number; metrics: Record<string, number> });
}

/** The state of a checkpoint of the run. */
export async function storedState(runFolder: string, step: number): Promise<HostTree> {
  const name = `step-${String(step).padStart(8, '0')}`;
  return (await loadCheckpoint(join(runFolder, 'checkpoints', name))).state;
}

/** 8 training examples, 5 to evaluate on: a batch of 4 and a padded one. */
function exampleArtifact(identifiers: readonly string[], more: readonly string[] = []): Artifact {
  const train = splitOf('train', numberedGroups(Array.from({ length: 8 }, () => [1])));
  const test = splitOf('test', numberedGroups(Array.from({ length: 5 }, () => [1])));
  // As they come, first labels are not scored: nothing would be learned.
  train.split.labels.forEach((_, i, labels) => (labels[i] = train.split.inputs[i - (i % 4)]!));
  const others = more.map((name) => [name, { ...test.split, name }] as const);
  const splits: Record<string, Split> = {
    train: train.split,
    test: test.split,
    ...Object.fromEntries(others),
  };
  const value: DatasetArtifact = {
    folder: '/data',
    metadata: {
      ...train.metadata,
      splits: {
        ...train.metadata.splits,
        ...test.metadata.splits,
        ...Object.fromEntries(more.map((name) => [name, test.metadata.splits['test']!])),
      },
    },
    identifiers: () => Promise.resolve(identifiers),
    open: (name) => Promise.resolve(splits[name]!),
  };
  return { kind: 'dataset', stage: 'build', key: 'data', path: '/data', value };
}

/** Counts the examples it sees and remembers their order; measures the cells that are right. */
class Witness implements Evaluator {
  readonly requiredOutputs = ['preds'];
  readonly seen: number[] = [];
  /** Of each evaluation, the names of the folders of those before it. */
  readonly earlier: string[][] = [];
  #right = 0;
  begin({ earlierFolders }: Parameters<Evaluator['begin']>[0]): void {
    this.earlier.push(earlierFolders.map((folder) => basename(folder)));
    this.seen.length = 0;
    this.#right = 0;
  }
  update(batch: Parameters<Evaluator['update']>[0]): void {
    expect(batch.outputs['preds']!.shape).toEqual([4, exampleMetadata.seqLen]);
    for (let row = 0; row < batch.count; row++) this.seen.push(batch.firstExample + row);
    const { data } = batch.outputs['preds']!;
    const cells = batch.labels.subarray(0, batch.count * exampleMetadata.seqLen);
    this.#right += cells.filter((label, i) => label === data[i]).length;
  }
  result() {
    const accuracy = this.#right / (this.seen.length * exampleMetadata.seqLen);
    return { metrics: { witnessed: this.seen.length, accuracy } };
  }
}

function partFactory(
  witness: Witness,
  identifiers: number,
  outputs?: readonly string[],
): PartFactory {
  const model = toyModel({ ...exampleMetadata, maxSteps: 3, identifiers });
  const made: Record<string, unknown> = {
    model: outputs === undefined ? model : { ...model, outputs },
    optimizer: momentum(0.1),
    'row-optimizer': signDescent(0.01),
    averager: halfAverage,
    evaluator: witness,
  };
  return {
    create: (kind) => Promise.resolve(made[kind] as never),
    describe: (_kind, { use, ...options }) =>
      Promise.resolve({ use, package: 'toy', version: '1', options, adjustable: ['maxSteps'] }),
  };
}
