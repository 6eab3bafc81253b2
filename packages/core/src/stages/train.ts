/** Stage `train`: trains a model and hands on its checkpoints, waiting for whoever evaluates them. */
import { join } from 'node:path';

import { concatMap, Observable } from 'rxjs';
import { z } from 'zod';

import { DATASET_ARTIFACT, datasetOf } from '../data/dataset-artifact.ts';
import type { Artifact, Stage } from '../pipeline/stage.ts';
import { partReference } from '../plugin/part-reference.ts';
import { definePlugin } from '../plugin/plugin.ts';
import type { RandomStream } from '../random/random-stream.ts';
import type { StageServices } from '../run/services.ts';
import { CHECKPOINT_ARTIFACT, type LiveCheckpoint } from '../train/checkpoint-artifact.ts';
import { train, type TrainerOptions } from '../train/trainer.ts';

const positiveSteps = z.int().positive();

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
      .describe('rows on the device at once; same result, less memory; auto takes what fits'),
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
  needs: ['stage', 'seeds'],
  create: (options, { stage, seeds }) => trainStage(options, stage, seeds),
});

function trainStage(options: TrainConfig, services: StageServices, seeds: RandomStream): Stage {
  return {
    needs: [DATASET_ARTIFACT],
    provides: [CHECKPOINT_ARTIFACT],
    run: (inputs$) =>
      inputs$.pipe(concatMap((input) => checkpointsOf(input, options, services, seeds))),
  };
}

function checkpointsOf(
  input: Artifact,
  options: TrainConfig,
  services: StageServices,
  seeds: RandomStream,
): Observable<Artifact> {
  return new Observable<Artifact>((subscriber) => {
    const unsubscribed = new AbortController();
    const stop = {
      get requested() {
        return services.stop.requested || unsubscribed.signal.aborted;
      },
      signal: AbortSignal.any([services.stop.signal, unsubscribed.signal]),
    };
    const key = services.artifactKey([input.key]);
    const emit = async (checkpoint: LiveCheckpoint): Promise<void> => {
      const work: Promise<unknown>[] = [];
      subscriber.next({
        kind: CHECKPOINT_ARTIFACT,
        stage: services.name,
        key: `${key}/${checkpoint.step}`,
        path: checkpoint.path,
        value: checkpoint,
        waitUntil: (promise) => work.push(promise),
      });
      await Promise.all(work);
    };
    trainerOptions(input, options, services, seeds)
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
  { parts, runFolder, planOnly = false }: StageServices,
  random: RandomStream,
): Promise<TrainerOptions> {
  const dataset = datasetOf(input);
  const facts = { dataset: dataset.metadata };
  const { rowOptimizer, averager } = options;
  return {
    parts: {
      model: await parts.create('model', options.model, facts),
      optimizer: await parts.create('optimizer', options.optimizer, facts),
      rowOptimizer: rowOptimizer && (await parts.create('row-optimizer', rowOptimizer, facts)),
      averager: averager && (await parts.create('averager', averager, facts)),
    },
    dataset,
    split: options.split,
    random,
    globalBatchSize: options.globalBatchSize,
    microBatchSize: options.microBatchSize,
    epochs: options.epochs,
    evalInterval: options.evalInterval ?? options.epochs,
    maxSteps: options.maxSteps,
    logInterval: options.logInterval,
    checkpoint: options.checkpoint,
    maxRestarts: options.maxRestarts,
    folder: join(runFolder, 'checkpoints'),
    planOnly,
  };
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
