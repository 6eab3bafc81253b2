/** Stage `train`: trains a model and hands on its checkpoints, waiting for whoever evaluates them. */
import { join, resolve } from 'node:path';

import { concatMap, Observable } from 'rxjs';

import { CHECKPOINTS_FOLDER } from '../checkpoint/find-checkpoint.ts';
import { DATASET_ARTIFACT, datasetOf, type DatasetArtifact } from '../data/dataset-artifact.ts';
import type { Artifact, Stage } from '../contracts/stage.ts';
import type { Model } from '../contracts/model.ts';
import { definePlugin } from '../contracts/plugin.ts';
import type { Services, StageServices } from '../contracts/services.ts';
import { CHECKPOINT_ARTIFACT, type LiveCheckpoint } from '../train/session/checkpoint-artifact.ts';
import { frozenNames } from '../train/step/frozen.ts';
import { withWeights } from '../train/weights/initial-weights.ts';
import { plannedEvaluations, type PlannedEvaluation } from '../evaluate/time-evaluations.ts';
import { readWeights } from '../train/weights/stored-weights.ts';
import type { HostTree } from '@eddy/tensor/spec';
import { train } from '../train/session/trainer.ts';
import type { TrainerOptions } from '../train/session/trainer-options.ts';
import { trainConfig, type LoadCheckpointConfig, type TrainConfig } from './train-config.ts';

export default definePlugin({
  kind: 'stage',
  name: 'train',
  apiVersion: 1,
  summary: 'trains a model, saves checkpoints, resumes',
  config: trainConfig,
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
      nonFinite: options.nonFinite,
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
    nonFiniteLimits: {
      maxConsecutiveSkips: options.maxConsecutiveSkips,
      maxRollbacks: options.maxRollbacks,
    },
    evaluations: plannedEvaluations(evaluationsIn(stage.pipelineConfig)),
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
  options: LoadCheckpointConfig,
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
