/** A model and its weights from disk, without building the data that it was trained on. */
import { join } from 'node:path';

import { resolveConfig, type ResolvedPipeline } from '../schema/resolve-config.ts';
import type { Settings } from '../config/settings.ts';
import type { ResolvedPart } from '../schema/validate.ts';
import type { DatasetMetadata, DatasetSource } from '../contracts/dataset.ts';
import type { Model } from '../contracts/model.ts';
import type { PluginContainer } from '../plugin/container.ts';
import { callHook } from '../plugin/hook.ts';
import type { BuiltinPackages, PluginEntry } from '../plugin/registry.ts';
import { createEventBus } from '../run/event-bus.ts';
import type { HostTree } from '@eddy/tensor/spec';
import { requireWeights } from '../train/weights/initial-weights.ts';
import {
  readWeights,
  type StoredWeights,
  type WeightsKind,
} from '../train/weights/stored-weights.ts';
import { pipelineOfWeightsUnknown } from './errors.ts';
import { pipelineFileOf } from './pipeline-of-weights.ts';
import { openContainer } from './run-pipeline.ts';

export interface StoredModelOptions {
  /** Folder of a run or checkpoint, or a safetensors file. */
  readonly from: string;
  readonly weights?: WeightsKind;
  /** Where the model is described, when `from` lies in no run. */
  readonly pipeline?: string;
  readonly overrides?: readonly string[];
  readonly builtin: BuiltinPackages;
  readonly settings: Settings;
  readonly warn: (text: string) => void;
}

export interface StoredModel {
  readonly model: Model;
  readonly metadata: DatasetMetadata;
  readonly weights: StoredWeights;
  readonly pipeline: ResolvedPipeline;
}

/**
 * Opens the weights of a checkpoint and the model that they belong to.
 *
 * @throws CHECKPOINT_NOT_FOUND, CHECKPOINT_DAMAGED, PIPELINE_OF_WEIGHTS_UNKNOWN, WEIGHTS_MISMATCH
 */
export async function openStoredModel(options: StoredModelOptions): Promise<StoredModel> {
  const { builtin, settings, warn } = options;
  const weights = await readWeights(options.from, options.weights ?? 'average', warn);
  const file = options.pipeline ?? (await pipelineFileOf(weights.path));
  const pipeline = await resolveConfig(file, options.overrides ?? [], { builtin, settings });
  const bus = createEventBus();
  try {
    const container = await openContainer(pipeline, bus, join(settings.cacheFolder, 'no-run'));
    const { model, metadata } = await modelFor(pipeline, container, numIdentifiersOf(weights));
    requireWeights(model, weights);
    return { model, metadata, weights, pipeline };
  } finally {
    bus.complete();
  }
}

/**
 * The model that a pipeline names, for the data that it names.
 *
 * @param numIdentifiers  as the weights have it; else as the dataset's options tell, else 1
 * @throws PIPELINE_OF_WEIGHTS_UNKNOWN when the pipeline names none
 */
export async function modelFor(
  pipeline: ResolvedPipeline,
  container: PluginContainer,
  numIdentifiers: number | undefined,
): Promise<{
  readonly model: Model;
  readonly metadata: DatasetMetadata;
  readonly source: DatasetSource;
  /** Whose source that is. */
  readonly dataset: PluginEntry;
}> {
  const { reference, entry } = partOf(pipeline, 'dataset');
  const source = await container.create('dataset', reference);
  const { numPuzzleIdentifiers } = callHook(entry, 'describe', () => source.describe());
  const metadata: DatasetMetadata = {
    ...callHook(entry, 'metadata', () => source.metadata()),
    numPuzzleIdentifiers: numIdentifiers ?? numPuzzleIdentifiers ?? 1,
    splits: {},
  };
  const model = await container.create('model', partOf(pipeline, 'model').reference, {
    dataset: metadata,
  });
  return { model, metadata, source, dataset: entry };
}

/** By their names, or by the rows of a table; undefined where there is neither. */
export function numIdentifiersOf(weights: {
  readonly identifiers: readonly string[] | undefined;
  readonly tree: HostTree;
}): number | undefined {
  const table = Object.entries(weights.tree).find(([name]) => name.startsWith('tables/'));
  return weights.identifiers?.length ?? table?.[1].shape[0];
}

function partOf({ parts, file }: ResolvedPipeline, kind: 'dataset' | 'model'): ResolvedPart {
  const part = parts.find((other) => other.kind === kind);
  if (part === undefined) throw pipelineOfWeightsUnknown(file);
  return part;
}
