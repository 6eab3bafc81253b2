/** Stage `train`: trains a model and hands on its checkpoints, waiting for whoever evaluates them. */
import { join, resolve } from 'node:path';

import { concatMap, Observable } from 'rxjs';
import { z } from 'zod';

import { CHECKPOINTS_FOLDER } from '../checkpoint/find-checkpoint.ts';
import { DATASET_ARTIFACT, datasetOf, type DatasetArtifact } from '../data/dataset-artifact.ts';
import type { Artifact, Stage } from '../pipeline/stage.ts';
import { byteSize } from '../config/byte-size.ts';
import { partReference } from '../plugin/part-reference.ts';
import type { Model } from '../model/model.ts';
import { definePlugin, type Services } from '../plugin/plugin.ts';
import type { StageServices } from '../run/services.ts';
import { CHECKPOINT_ARTIFACT, type LiveCheckpoint } from '../train/checkpoint-artifact.ts';
import { frozenNames } from '../train/frozen.ts';
import { withWeights } from '../train/initial-weights.ts';
import type { PlannedEvaluation } from '../train/plan-evaluations.ts';
import { readWeights } from '../train/stored-weights.ts';
import type { HostTree } from '../tensor/spec.ts';
import { train } from '../train/trainer.ts';
import type { TrainerOptions } from '../train/trainer-options.ts';

const positiveSteps = z.int().positive();

const loadCheckpointConfig = z.strictObject({
  from: z
    .string()
    .min(1)
    .describe('folder of a run (its newest checkpoint) or of a checkpoint, or a .safetensors file'),
  weights: z
    .enum(['average', 'parameters'])
    .default('average')
    .describe('the averaged parameters where there are some, or the raw ones'),
  table: z
    .enum(['by-name', 'by-index', 'mean', 'reset'])
    .default('by-name')
    .describe(
      'rows of the puzzle embedding: of the identifier of the same name, of the same index, the mean row for all, or anew',
    ),
  unseen: z
    .enum(['mean', 'reset'])
    .default('mean')
    .describe('what an identifier gets whose name the weights do not know: the mean row, or anew'),
});

const config = z
  .strictObject({
    model: partReference('model').describe('the model to train'),
    optimizer: partReference('optimizer').describe('update rule of the parameters'),
    rowOptimizer: partReference('row-optimizer')
      .optional()
      .describe('update rule of the rows of tables (the puzzle embedding)'),
    averager: partReference('averager')
      .optional()
      .describe('running average of the parameters, used for evaluation'),
    loadCheckpoint: loadCheckpointConfig
      .optional()
      .describe('weights of another run to start from; a resumed run goes on from its own'),
    freeze: z
      .union([z.literal('all'), z.array(z.string().min(1)).min(1)])
      .optional()
      .describe(
        'parameters and tables that keep their values: names, * for any text; all: every parameter, so that only the puzzle embedding is trained',
      ),
    globalBatchSize: positiveSteps.describe('rows of one step'),
    epochs: positiveSteps.describe('passes over the groups of the training split'),
    evalInterval: positiveSteps
      .optional()
      .describe('epochs between evaluations; must divide epochs; all epochs by default'),
    maxSteps: positiveSteps
      .optional()
      .describe('end after so many steps; the learning rate follows the schedule of all epochs'),
    microBatchSize: z
      .union([z.literal('auto'), positiveSteps])
      .default('auto')
      .describe(
        'rows on the device at once; same result, less memory; auto: the fastest that fits `memory`',
      ),
    recompute: z
      .union([z.literal('auto'), z.boolean()])
      .default('auto')
      .describe(
        'throw activations away and compute them again in the backward pass; same result, far less memory, more time; auto: where it is faster than smaller micro-batches',
      ),
    memory: z
      .union([z.literal('auto'), byteSize])
      .default('auto')
      .describe(
        'what training may take on the device, as in 12GiB; auto: nearly all of a GPU, half of the RAM',
      ),
    split: z.string().default('train').describe('split to train on'),
    checkpoint: z
      .strictObject({
        every: z
          .union([z.literal('auto'), positiveSteps])
          .default('auto')
          .describe('steps between checkpoints; auto: about one a minute'),
        keep: positiveSteps.default(3).describe('checkpoints to keep'),
      })
      .prefault({})
      .describe('besides those that every evaluation makes'),
    logInterval: positiveSteps.default(1).describe('steps between reports of metrics'),
    nonFinite: z
      .literal('stop')
      .default('stop')
      .describe('what a loss or gradient that is not finite does: stop the run'),
    maxRestarts: z
      .int()
      .nonnegative()
      .default(3)
      .describe('restarts of a dead engine without progress'),
  })
  .superRefine(({ epochs, evalInterval, globalBatchSize, microBatchSize }, context) => {
    if (evalInterval !== undefined && epochs % evalInterval !== 0) {
      context.addIssue({
        code: 'custom',
        path: ['evalInterval'],
        input: evalInterval,
        message: `expected a divisor of epochs ${epochs}`,
      });
    }
    if (microBatchSize !== 'auto' && globalBatchSize % microBatchSize !== 0) {
      context.addIssue({
        code: 'custom',
        path: ['microBatchSize'],
        input: microBatchSize,
        message: `expected a divisor of globalBatchSize ${globalBatchSize}`,
      });
    }
  });

type TrainConfig = z.output<typeof config>;

export default definePlugin({
  kind: 'stage',
  name: 'train',
  apiVersion: 1,
  summary: 'trains a model, saves checkpoints, resumes',
  config,
  needs: ['stage', 'seeds', 'configFolder'],
  create: (options, services) => trainStage(options, services),
});

type TrainServices = Pick<Services, 'stage' | 'seeds' | 'configFolder'>;

function trainStage(options: TrainConfig, services: TrainServices): Stage {
  return {
    needs: [DATASET_ARTIFACT],
    provides: [CHECKPOINT_ARTIFACT],
    usesEngine: true,
    run: (inputs$) => inputs$.pipe(concatMap((input) => checkpointsOf(input, options, services))),
  };
}

function checkpointsOf(
  input: Artifact,
  options: TrainConfig,
  all: TrainServices,
): Observable<Artifact> {
  const services = all.stage;
  return new Observable<Artifact>((subscriber) => {
    const unsubscribed = new AbortController();
    const stop = {
      get requested() {
        return services.stop.requested || unsubscribed.signal.aborted;
      },
      signal: AbortSignal.any([services.stop.signal, unsubscribed.signal]),
      takeSaveRequest: () => services.stop.takeSaveRequest?.() ?? false,
    };
    const key = services.artifactKey([input.key]);
    const emit = async (checkpoint: LiveCheckpoint): Promise<void> => {
      let turn: Promise<unknown> = Promise.resolve();
      subscriber.next({
        kind: CHECKPOINT_ARTIFACT,
        stage: services.name,
        key: `${key}/${checkpoint.step}`,
        path: checkpoint.path,
        value: checkpoint,
        waitUntil: (work) => {
          const done = turn.then(work);
          turn = done;
          return done;
        },
      });
      await turn;
    };
    trainerOptions(input, options, all)
      .then((trainer) => train(trainer, { ...boundServices(services), stop }, emit))
      .then(
        () => subscriber.complete(),
        (error: unknown) => subscriber.error(error),
      );
    return () => unsubscribed.abort();
  });
}

async function trainerOptions(
  input: Artifact,
  options: TrainConfig,
  { stage, seeds, configFolder }: TrainServices,
): Promise<TrainerOptions> {
  const { parts, runFolder, planOnly = false } = stage;
  const dataset = datasetOf(input);
  const facts = { dataset: dataset.metadata };
  const { rowOptimizer, averager, freeze, loadCheckpoint } = options;
  const model = await parts.create('model', options.model, facts);
  return {
    parts: {
      model,
      frozen: freeze && frozenNames(model, freeze),
      optimizer: await parts.create('optimizer', options.optimizer, facts),
      rowOptimizer: rowOptimizer && (await parts.create('row-optimizer', rowOptimizer, facts)),
      averager: averager && (await parts.create('averager', averager, facts)),
    },
    dataset,
    split: options.split,
    random: seeds,
    startFrom:
      loadCheckpoint &&
      ((initial) => startFrom(loadCheckpoint, { model, initial, dataset, stage, configFolder })),
    globalBatchSize: options.globalBatchSize,
    microBatchSize: options.microBatchSize,
    recompute: options.recompute,
    memory: options.memory,
    epochs: options.epochs,
    evalInterval: options.evalInterval ?? options.epochs,
    maxSteps: options.maxSteps,
    logInterval: options.logInterval,
    checkpoint: options.checkpoint,
    maxRestarts: options.maxRestarts,
    evaluations: evaluationsIn(stage.pipelineConfig),
    folder: join(runFolder, CHECKPOINTS_FOLDER),
    planOnly,
  };
}

/** Options of the stages that will measure this training. */
function evaluationsIn(pipeline: StageServices['pipelineConfig']): PlannedEvaluation[] {
  return Object.values(pipeline).flatMap((stage) => {
    const { use, checkpoint, ...options } = Object(stage) as PlannedEvaluation & {
      readonly use?: unknown;
      readonly checkpoint?: unknown;
    };
    return use === 'evaluate' && checkpoint === undefined ? [options] : [];
  });
}

async function startFrom(
  options: z.output<typeof loadCheckpointConfig>,
  run: {
    readonly model: Model;
    readonly initial: HostTree;
    readonly dataset: DatasetArtifact;
    readonly stage: StageServices;
    readonly configFolder: string;
  },
): Promise<HostTree> {
  const { bus, name } = run.stage;
  const say = (level: 'info' | 'warning', text: string) =>
    bus.emit({ type: 'message', level, text, stage: name });
  const path = resolve(run.configFolder, options.from);
  const { state, summary } = withWeights(run.model, run.initial, {
    weights: await readWeights(path, options.weights, (text) => say('warning', text)),
    table: options.table,
    unseen: options.unseen,
    identifiers: await run.dataset.identifiers(),
  });
  say('info', `starts from ${summary}`);
  return state;
}

/** The services as plain functions: a spread of an object with a prototype would lose its methods. */
function boundServices(services: StageServices) {
  return {
    name: services.name,
    bus: services.bus,
    runFolder: services.runFolder,
    engine: () => services.engine(),
    restartEngine: (reason: string) => services.restartEngine(reason),
  };
}
