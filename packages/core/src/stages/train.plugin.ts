/** Stage `train`: trains a model and hands on its checkpoints, waiting for whoever evaluates them. */
import { dirname, join, resolve } from 'node:path';

import { concat, concatMap, Observable, toArray } from 'rxjs';

import { CHECKPOINTS_FOLDER } from '../checkpoint/find-checkpoint.ts';
import { DATASET_ARTIFACT, datasetOf, type DatasetArtifact } from '../data/dataset-artifact.ts';
import type { Artifact, Stage } from '../contracts/stage.ts';
import type { Model } from '../contracts/model.ts';
import type { JsonValue } from '../checkpoint/manifest.ts';
import { modelIdentity } from '../checkpoint/model-identity.ts';
import type { ConfigProblem } from '../contracts/config-problem.ts';
import { definePlugin } from '../contracts/plugin.ts';
import type { MetricDescriptions } from '../contracts/metric.ts';
import type { StageServices } from '../contracts/services.ts';
import { CHECKPOINT_ARTIFACT, type LiveCheckpoint } from '../train/session/checkpoint-artifact.ts';
import { frozenNames } from '../train/step/frozen.ts';
import { withWeights } from '../train/weights/initial-weights.ts';
import { directionOf } from '../run/metric.ts';
import { plannedEvaluations, type PlannedEvaluation } from '../evaluate/time-evaluations.ts';
import { readWeights } from '../train/weights/stored-weights.ts';
import type { HostTree } from '@eddy/tensor/spec';
import type { TrainerOptions } from '../train/session/trainer-options.ts';
import { foreseeTraining } from './foresee-training.ts';
import { evaluationsOf } from './evaluations.ts';
import { trainingResult, trainOrReuse } from './train-or-reuse.ts';
import type { TrainInputs, TrainServices } from './training-key.ts';
import { monitorSplitMissing } from './errors.ts';
import { requireSameOptions } from './same-options.ts';
import { requireSamePlugins } from './same-plugins.ts';
import { modelChecks, placeOf, stageNotifier } from './training-services.ts';
import {
  trainConfig,
  type LoadCheckpointConfig,
  type MonitorConfig,
  type TrainConfig,
} from './train-config.ts';

export default definePlugin({
  kind: 'stage',
  name: 'train',
  apiVersion: 1,
  summary: 'trains a model, saves checkpoints, resumes',
  config: trainConfig,
  needs: ['stage', 'seeds', 'configFolder'],
  check: ({ monitor }, { metrics }) => undirectedMonitor(monitor, metrics),
  create: (options, services) => trainStage(options, services),
});

/** A monitor has to know which of two values is the better one. */
function undirectedMonitor(
  monitor: MonitorConfig | undefined,
  metrics: MetricDescriptions | undefined,
): ConfigProblem[] {
  if (monitor === undefined || modeOf(monitor, metrics) !== undefined) return [];
  const { metric } = monitor;
  return [
    {
      path: ['monitor', 'mode'],
      message: `it is not known whether a larger or a smaller value of ${metric} is better`,
      expected: 'max or min',
      received: 'nothing',
      fix: `say which: monitor: { metric: ${metric}, mode: max }`,
    },
  ];
}

function modeOf({ mode, metric }: MonitorConfig, metrics: MetricDescriptions | undefined) {
  return mode ?? directionOf(metric, metrics);
}

function trainStage(options: TrainConfig, services: TrainServices): Stage {
  const { from, stage } = options.loadCheckpoint ?? {};
  const source = from === undefined ? stage : undefined;
  return {
    needs: [
      DATASET_ARTIFACT,
      ...(source === undefined ? [] : [{ kind: CHECKPOINT_ARTIFACT, stage: source }]),
    ],
    provides: [CHECKPOINT_ARTIFACT],
    usesEngine: true,
    foresee: (inputs) => foreseeTraining(options, inputs, services.stage),
    resultsOf: async (inputs) => {
      const weights = inputs.findLast(({ kind }) => kind === CHECKPOINT_ARTIFACT);
      const datasets = inputs.filter(({ kind }) => kind === DATASET_ARTIFACT);
      if (services.stage.reusesTraining === false) return [];
      if (source !== undefined && weights === undefined) return [];
      const known = datasets.map((dataset) =>
        trainingResult({ dataset, weights }, options, services),
      );
      return Promise.all(known);
    },
    run: (inputs$) =>
      // The stages before have ended when this one begins: everything it takes is there.
      inputs$.pipe(
        toArray(),
        concatMap((inputs) => {
          const weights = inputs.findLast(({ kind }) => kind === CHECKPOINT_ARTIFACT);
          const datasets = inputs.filter(({ kind }) => kind === DATASET_ARTIFACT);
          return concat(
            ...datasets.map((dataset) => checkpointsOf({ dataset, weights }, options, services)),
          );
        }),
      ),
  };
}

function checkpointsOf(
  inputs: TrainInputs,
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
    const { label } = placeOf(services);
    const emitOf =
      (key: string) =>
      async (checkpoint: LiveCheckpoint): Promise<void> => {
        let turn: Promise<unknown> = Promise.resolve();
        subscriber.next({
          kind: CHECKPOINT_ARTIFACT,
          stage: services.name,
          key: `${checkpoint.key ?? key}/${checkpoint.step}`,
          path: checkpoint.path,
          value: checkpoint,
          ...(label === undefined ? {} : { label }),
          waitUntil: (work) => {
            const done = turn.then(work);
            turn = done;
            return done;
          },
        });
        await turn;
      };
    trainOrReuse(inputs, options, all, { stop, emitOf, trainerOptions }).then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    );
    return () => unsubscribed.abort();
  });
}

async function trainerOptions(
  inputs: TrainInputs & { readonly key: string },
  options: TrainConfig,
  { stage, seeds, configFolder }: TrainServices,
): Promise<TrainerOptions> {
  const { parts, runFolder, planOnly = false } = stage;
  const dataset = datasetOf(inputs.dataset);
  const { monitor } = options;
  const present = Object.keys(dataset.metadata.splits);
  if (monitor !== undefined && !present.includes(monitor.split)) {
    throw monitorSplitMissing({ stage: stage.name, split: monitor.split, present });
  }
  const facts = { dataset: dataset.metadata };
  const { rowOptimizer, averager, freeze, loadCheckpoint } = options;
  const model = await parts.create('model', options.model, facts);
  const place = placeOf(stage);
  const checks = modelChecks(options, stage, dataset);
  const source = loadCheckpoint && sourceOf(loadCheckpoint, inputs.weights, configFolder);
  return {
    parts: {
      model,
      frozen: freeze && frozenNames(model, freeze),
      optimizer: await parts.create('optimizer', options.optimizer, facts),
      rowOptimizer: rowOptimizer && (await parts.create('row-optimizer', rowOptimizer, facts)),
      averager: averager && (await parts.create('averager', averager, facts)),
      nonFinite: options.nonFinite,
    },
    identity: {
      model: modelIdentity(await parts.describe('model', options.model), dataset.metadata),
      place: { stage: place.stage, index: place.index },
      key: inputs.key,
      madeFrom: stage.madeFrom?.(inputs.key) as JsonValue | undefined,
      requireOwnModel: checks.requireOwnModel,
      requireOwnRows: checks.requireOwnRows,
      requireOwnPlugins: ({ path, madeFrom }) =>
        requireSamePlugins({
          path,
          before: madeFrom,
          now: stage.madeFrom?.(inputs.key),
          allowed: stage.allowOtherPlugins === true,
          say: checks.say,
        }),
      requireOwnOptions: ({ path, madeFrom }) =>
        requireSameOptions({
          path,
          changes: stage.changedOptions?.(madeFrom, inputs.key) ?? [],
          allowed: stage.allowOtherOptions === true,
          say: checks.say,
        }),
    },
    dataset,
    split: options.split,
    random: seeds,
    startFrom:
      source && ((initial) => startFrom(source, { model, initial, dataset, stage, checks })),
    globalBatchSize: options.globalBatchSize,
    microBatchSize: options.microBatchSize,
    recompute: options.recompute,
    memory: options.memory,
    epochs: options.epochs,
    evalInterval: options.evalInterval ?? options.epochs,
    maxSteps: options.maxSteps,
    logInterval: options.logInterval,
    checkpoint: options.checkpoint,
    // `check` has refused a metric of which nobody knows what is better.
    monitor: monitor && { ...monitor, mode: modeOf(monitor, stage.metrics)! },
    label: place.label,
    maxRestarts: options.maxRestarts,
    nonFiniteLimits: {
      maxConsecutiveSkips: options.maxConsecutiveSkips,
      maxRollbacks: options.maxRollbacks,
    },
    evaluations: plannedEvaluations(evaluationsToPlan(stage)),
    folder: join(runFolder, CHECKPOINTS_FOLDER, place.label ?? ''),
    planOnly,
  };
}

/** The evaluations that will measure this training, which `plan` times. */
function evaluationsToPlan(services: StageServices): PlannedEvaluation[] {
  return evaluationsOf(services.stages())
    .filter(({ training }) => training === services.name)
    .flatMap(({ reference, splits }) => {
      const { batchSize, maxExamples } = reference as Partial<PlannedEvaluation>;
      return splits.map((split) => ({ split, batchSize, maxExamples }));
    });
}

interface WeightsSource extends LoadCheckpointConfig {
  readonly path: string;
}

/** Undefined where the weights come from a stage that has made none, as in a plan. */
function sourceOf(
  options: LoadCheckpointConfig,
  weights: Artifact | undefined,
  configFolder: string,
): WeightsSource | undefined {
  const { from, stage } = options;
  if (from !== undefined) return { ...options, stage, path: resolve(configFolder, from) };
  if (weights === undefined) return undefined;
  // The stage hands on its last checkpoint; the best one lies beside it.
  const path = options.which === 'best' ? dirname(weights.path) : weights.path;
  return { ...options, stage: undefined, path };
}

async function startFrom(
  source: WeightsSource,
  run: {
    readonly model: Model;
    readonly initial: HostTree;
    readonly dataset: DatasetArtifact;
    readonly stage: StageServices;
    readonly checks: ReturnType<typeof modelChecks>;
  },
): Promise<HostTree> {
  const say = stageNotifier(run.stage);
  const weights = await readWeights(source.path, source.weights, {
    warn: (text) => say('warning', text),
    stage: source.stage,
    which: source.which,
  });
  await run.checks.requireModel(weights);
  const { state, summary } = withWeights(run.model, run.initial, {
    weights,
    table: source.table,
    unseen: source.unseen,
    identifiers: await run.dataset.identifiers(),
  });
  say('info', `starts from ${summary}`);
  return state;
}
