/** A model and its weights from disk, without building the data that it was trained on. */
import { join } from 'node:path';

import type { WhichCheckpoint } from '../checkpoint/find-checkpoint.ts';
import type { TrainingPlace } from '../checkpoint/manifest.ts';
import type { ModelDifference, ModelIdentity } from '../checkpoint/model-identity.ts';
import { resolveConfig, type ResolvedPipeline } from '../schema/resolve-config.ts';
import type { Settings } from '../config/settings.ts';
import type { ResolvedPart } from '../schema/validate.ts';
import type { DatasetMetadata, DatasetSource } from '../contracts/dataset.ts';
import type { Model } from '../contracts/model.ts';
import type { PluginContainer } from '../plugin/container.ts';
import { callHook } from '../plugin/hook.ts';
import type { BuiltinPackages, PluginEntry } from '../plugin/registry.ts';
import { createEventBus } from '../run/event-bus.ts';
import type { PluginReference } from '../contracts/services.ts';
import type { HostTree } from '@eddy/tensor/spec';
import { modelOfWeights } from '../train/weights/model-of-weights.ts';
import { requireWeights } from '../train/weights/initial-weights.ts';
import {
  readWeights,
  type StoredWeights,
  type WeightsKind,
} from '../train/weights/stored-weights.ts';
import { pipelineOfWeightsUnknown } from './errors.ts';
import { pipelineFileOf } from './pipeline-of-weights.ts';
import { openContainer } from './open-container.ts';

export interface StoredModelOptions {
  /** Folder of a run or checkpoint, or a safetensors file. */
  readonly from: string;
  readonly weights?: WeightsKind;
  /** Where the model is described, when `from` lies in no run. */
  readonly pipeline?: string;
  readonly overrides?: readonly string[];
  readonly builtin: BuiltinPackages;
  readonly settings: Settings;
  /** Of a run with several trainings: whose checkpoint; the last one's by default. */
  readonly stage?: string | undefined;
  /** Of a run: the last checkpoint (default) or the best one. */
  readonly which?: WhichCheckpoint | undefined;
  /** The weights may be used in a model that is not the one they were trained in. */
  readonly allowOtherModel?: boolean | undefined;
  readonly warn: (text: string) => void;
}

export interface StoredModel {
  readonly model: Model;
  readonly metadata: DatasetMetadata;
  readonly weights: StoredWeights;
  readonly pipeline: ResolvedPipeline;
  /** The model that is used, as exported files record it. */
  readonly identity: ModelIdentity;
}

/**
 * Opens the weights of a checkpoint and the model that they belong to.
 *
 * @throws CHECKPOINT_NOT_FOUND, CHECKPOINT_DAMAGED, TRAINING_UNKNOWN, PIPELINE_OF_WEIGHTS_UNKNOWN,
 *   MODEL_DIFFERS, WEIGHTS_MISMATCH, BEST_UNKNOWN
 */
export async function openStoredModel(options: StoredModelOptions): Promise<StoredModel> {
  const { builtin, settings, warn, stage, which } = options;
  const weights = await readWeights(options.from, options.weights ?? 'average', {
    warn,
    stage,
    which,
  });
  const file = options.pipeline ?? (await pipelineFileOf(weights.path));
  const pipeline = await resolveConfig(file, options.overrides ?? [], { builtin, settings });
  for (const { text } of pipeline.notices) warn(text);
  const bus = createEventBus();
  try {
    const container = await openContainer(pipeline, bus, join(settings.cacheFolder, 'no-run'));
    const { model, metadata, identity } = await modelFor(pipeline, container, {
      weights,
      numIdentifiers: numIdentifiersOf(weights),
      allowed: options.allowOtherModel === true,
      say: (level, text) => (level === 'warning' ? warn(text) : undefined),
    });
    requireWeights(model, weights);
    return { model, metadata, weights, pipeline, identity };
  } finally {
    bus.complete();
  }
}

export interface ModelForOptions {
  /** The weights that the model is for. */
  readonly weights: {
    readonly path: string;
    readonly model: ModelIdentity | undefined;
    readonly training: TrainingPlace | undefined;
  };
  /** As the weights have it; else as the dataset's options tell, else 1. */
  readonly numIdentifiers: number | undefined;
  readonly allowed: boolean;
  readonly say: (level: 'info' | 'warning', text: string) => void;
}

/**
 * The model that a pipeline names for some weights, and the dataset that the pipeline names for their
 * training.
 *
 * @throws PIPELINE_OF_WEIGHTS_UNKNOWN when the pipeline names none; MODEL_DIFFERS
 */
export async function modelFor(
  pipeline: ResolvedPipeline,
  container: PluginContainer,
  { weights, numIdentifiers, allowed, say }: ModelForOptions,
): Promise<{
  readonly model: Model;
  readonly metadata: DatasetMetadata;
  readonly identity: ModelIdentity;
  /** Differences that the user has allowed. */
  readonly allowedDifferences: readonly ModelDifference[];
  readonly source: DatasetSource;
  /** Whose source that is. */
  readonly dataset: PluginEntry;
}> {
  const { reference, entry } = datasetPartFor(pipeline, weights.training?.stage);
  const source = await container.create('dataset', reference);
  const { numPuzzleIdentifiers } = callHook(entry, 'describe', () => source.describe());
  const metadata: DatasetMetadata = {
    ...callHook(entry, 'metadata', () => source.metadata()),
    numPuzzleIdentifiers: numIdentifiers ?? numPuzzleIdentifiers ?? 1,
    splits: {},
  };
  const found = await modelOfWeights({
    weights,
    candidates: trainedModels(pipeline, weights.training?.stage),
    dataset: metadata,
    parts: container,
    allowed,
    override: '`--allow-other-model`',
    say,
  });
  if (found === undefined) throw pipelineOfWeightsUnknown(pipeline.file);
  const { identity, allowed: allowedDifferences } = found;
  const model = await container.create('model', found.reference, { dataset: metadata });
  return { model, metadata, identity, allowedDifferences, source, dataset: entry };
}

/**
 * Models that stages train, in the order of the file: `train.model`, not `evaluate.model`. The one of
 * `training` comes last, which is tried first.
 */
function trainedModels(
  { parts }: ResolvedPipeline,
  training: string | undefined,
): readonly PluginReference[] {
  const trained = new Set(
    parts.flatMap(({ kind, path }) => (kind === 'optimizer' ? [path[0]] : [])),
  );
  const models = parts.filter(({ kind }) => kind === 'model');
  const own = models.filter(({ path }) => trained.has(path[0]));
  const isOwn = ({ path }: ResolvedPart) => Number(path[0] === training);
  return (own.length > 0 ? own : models)
    .toSorted((a, b) => isOwn(a) - isOwn(b))
    .map(({ reference }) => reference);
}

/** The first dataset of the nearest stage before `training` that names one; of any by default. */
function datasetPartFor(
  { parts, stages, file }: ResolvedPipeline,
  training: string | undefined,
): ResolvedPart {
  const end = stages.findIndex(({ name }) => name === training);
  const before = stages.slice(0, end === -1 ? stages.length : end).map(({ name }) => name);
  const datasets = parts.filter(({ kind }) => kind === 'dataset');
  const owner = before.findLast((name) => datasets.some(({ path }) => path[0] === name));
  const part = datasets.find(({ path }) => path[0] === owner) ?? datasets[0];
  if (part === undefined) throw pipelineOfWeightsUnknown(file);
  return part;
}

/** By their names, or by the rows of a table; undefined where there is neither. */
export function numIdentifiersOf(weights: {
  readonly identifiers: readonly string[] | undefined;
  readonly tree: HostTree;
}): number | undefined {
  const table = Object.entries(weights.tree).find(([name]) => name.startsWith('tables/'));
  return weights.identifiers?.length ?? table?.[1].shape[0];
}
