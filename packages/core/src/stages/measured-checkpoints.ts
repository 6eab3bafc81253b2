/**
 * What the stages that measure checkpoints share: where checkpoints come from, and how long the
 * training that made one waits.
 */
import { dirname, resolve } from 'node:path';

import {
  concat,
  concatMap,
  defer,
  EMPTY,
  from,
  ignoreElements,
  mergeAll,
  type Observable,
} from 'rxjs';
import { z } from 'zod';

import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { bestCheckpointIn, findCheckpoint } from '../checkpoint/find-checkpoint.ts';
import { readIdentifiers } from '../checkpoint/identifiers.ts';
import { requireSameRows } from '../checkpoint/same-model.ts';
import { DATASET_ARTIFACT, datasetOf, type DatasetArtifact } from '../data/dataset-artifact.ts';
import { splitMissing } from '../data/errors.ts';
import type { Model } from '../contracts/model.ts';
import type { Artifact, Stage } from '../contracts/stage.ts';
import { partReference } from '../plugin/part-reference.ts';
import type { PluginReference, StageServices, StageView } from '../contracts/services.ts';
import { CHECKPOINT_ARTIFACT, type LiveCheckpoint } from '../train/session/checkpoint-artifact.ts';
import { requireSpecs } from '../train/session/checkpoints.ts';
import { modelMissing } from './errors.ts';
import { expectedDataset } from './foresee-datasets.ts';
import { unfitEvaluators } from './foresee-evaluators.ts';
import { unmeasurableSplit } from './foresee-splits.ts';
import { modelSpecs, parameterSpecs } from '../model/model-specs.ts';
import { modelOfWeights } from '../train/weights/model-of-weights.ts';
import { under } from '@eddy/tensor';
import { stageNotifier } from './training-services.ts';

/** Rows of a call when no training tells what fits. */
const DEFAULT_BATCH_SIZE = 256;

/** A checkpoint on the device, and the data to measure it on. */
export interface CheckpointToMeasure {
  readonly checkpoint: LiveCheckpoint;
  readonly dataset: DatasetArtifact;
  /** `label` of the checkpoint's artifact. */
  readonly label?: string | undefined;
  /** The splits to measure it on, of those that the data have. */
  readonly splits: readonly string[];
  /** Content keys of both. */
  readonly keys: readonly string[];
}

/** Options of both stages. */
export const measuringOptions = {
  batchSize: z.int().positive().optional().describe('batch size; by default that of training'),
  maxExamples: z
    .int()
    .positive()
    .optional()
    .describe('evaluate only this many examples, from the first'),
  checkpoint: z
    .string()
    .optional()
    .describe('folder of a checkpoint to evaluate instead of those of a training'),
  chosenOn: z
    .string()
    .optional()
    .describe('split whose evaluations chose that checkpoint; results on it are optimistic'),
  model: partReference('model')
    .optional()
    .describe(
      'model of that checkpoint; by default the pipeline’s, else the one that the checkpoint records',
    ),
  allowOtherModel: z
    .boolean()
    .default(false)
    .describe(
      'allow weights of a model with other options (heads, positions, cycles …) or other rows of the puzzle embedding',
    ),
};

export interface MeasuringOptions {
  readonly split: string;
  /** Folder of a checkpoint, in place of those of a training. */
  readonly checkpoint?: string | undefined;
  /** Of that checkpoint; by default the one of the pipeline. */
  readonly model?: PluginReference | undefined;
  readonly allowOtherModel: boolean;
  readonly evaluators: readonly PluginReference[];
  /** Each checkpoint while training waits, or the last or the best one when it has ended. */
  readonly which: 'all' | 'last' | 'best';
  /** Splits to measure the checkpoints of a training on before `split`; none by default. */
  readonly alsoSplits?: () => readonly string[];
}

/** The model that will be measured, before there is a checkpoint. @throws MODEL_MISSING */
export function modelOf(
  options: Pick<MeasuringOptions, 'model'>,
  services: StageServices,
  { metadata }: DatasetArtifact,
): Promise<Model> {
  const reference = modelsFor(options, services).at(-1);
  if (reference === undefined) throw modelMissing(services.name);
  return services.parts.create('model', reference, { dataset: metadata });
}

/**
 * Models of the trainings whose checkpoints come here; of all trainings where none does. The one of
 * `training` comes last, which is tried first.
 */
function modelsFor(
  { model }: Pick<MeasuringOptions, 'model'>,
  services: StageServices,
  training?: string,
): readonly PluginReference[] {
  if (model !== undefined) return [model];
  const modelsIn = (views: readonly StageView[]) =>
    views
      .filter(({ provides }) => provides.includes(CHECKPOINT_ARTIFACT))
      .toSorted((a, b) => Number(a.name === training) - Number(b.name === training))
      .flatMap(({ parts }) =>
        parts.flatMap((part) => (part.kind === 'model' ? [part.reference] : [])),
      );
  const all = services.stages();
  const before = modelsIn(stagesBefore(services.name, all));
  return before.length > 0 ? before : modelsIn(all);
}

/** The stages that a stage takes from, and those that they take from. */
function stagesBefore(name: string, all: readonly StageView[]): readonly StageView[] {
  const names = new Set<string>();
  const add = (stage: string): void => {
    for (const other of all.find((view) => view.name === stage)?.takesFrom ?? []) {
      if (names.has(other)) continue;
      names.add(other);
      add(other);
    }
  };
  add(name);
  return all.filter((view) => names.has(view.name));
}

/**
 * A stage that measures checkpoints.
 *
 * @param measure  its results are what the stage hands on
 * @param prepare  called before the training of which one checkpoint is measured at its end, to fail early
 */
export function measuredCheckpoints(
  options: MeasuringOptions & { readonly configFolder: string },
  services: StageServices,
  measure: (subject: CheckpointToMeasure) => Promise<readonly Artifact[]>,
  prepare: (dataset: DatasetArtifact) => Promise<unknown> = () => Promise.resolve(),
): Required<Pick<Stage, 'needs' | 'run' | 'foresee'>> {
  const { checkpoint, which, configFolder } = options;
  return {
    foresee: async (inputs) => {
      const dataset = expectedDataset(inputs);
      if (dataset === undefined) return { artifacts: [] };
      const problems = [
        ...unmeasurableSplit(options.split, dataset, options.alsoSplits?.()),
        ...(await unfitEvaluators(options.evaluators, dataset, services.parts)),
      ];
      return { artifacts: [], problems };
    },
    needs: checkpoint === undefined ? [DATASET_ARTIFACT, CHECKPOINT_ARTIFACT] : [DATASET_ARTIFACT],
    run: (inputs$) => {
      let data: Pick<CheckpointToMeasure, 'dataset' | 'splits'> & { readonly key: string };
      let last: Artifact | undefined;
      const stored = (path: string, key: string, label?: string) =>
        from(
          measureStored(path, [key, data.key], data, options, services, (subject) =>
            measure({ ...subject, label }),
          ),
        ).pipe(mergeAll());

      const take = (input: Artifact): Observable<Artifact> => {
        if (input.kind === CHECKPOINT_ARTIFACT) {
          if (data === undefined) return EMPTY;
          const live = input.value as LiveCheckpoint | undefined;
          // The best one is looked for among those of a training: an average of them has no others beside it.
          if (which !== 'best' || live !== undefined) last = input;
          if (which !== 'all') return EMPTY;
          if (live === undefined) return stored(input.path, input.key, input.label);
          const { dataset, splits } = data;
          const { label } = input;
          const keys = [input.key, data.key];
          return awaited(input, () => measure({ checkpoint: live, dataset, splits, keys, label }));
        }
        const dataset = datasetOf(input);
        const splits = splitsOf(dataset, options, services);
        if (splits.length === 0) return EMPTY;
        data = { dataset, splits, key: input.key };
        if (checkpoint !== undefined) return stored(resolve(configFolder, checkpoint), input.key);
        // Live checkpoints are not kept waiting for: the first one finds what is wrong soon enough.
        return which === 'all' ? EMPTY : from(prepare(dataset)).pipe(ignoreElements());
      };
      const atTheEnd = () => {
        if (which === 'all' || last === undefined) return EMPTY;
        const { key, label } = last;
        if (which === 'last') return stored(last.path, key, label);
        return from(
          bestCheckpointIn(dirname(last.path), (text) => stageNotifier(services)('warning', text)),
        ).pipe(concatMap((path) => stored(path, `${key} best`, label)));
      };
      return concat(inputs$.pipe(concatMap(take)), defer(atTheEnd));
    },
  };
}

/** The one who emitted the checkpoint waits, and hears of failures: it may know how to go on. */
function awaited(input: Artifact, work: () => Promise<readonly Artifact[]>): Observable<Artifact> {
  if (input.waitUntil === undefined) return from(work()).pipe(mergeAll());
  const results = input.waitUntil(work).catch(() => []);
  return from(results).pipe(mergeAll());
}

/**
 * Returns the splits to measure on. A dataset that has nothing but training examples can be trained on, with
 * a warning; a split that is misspelt is an error, before the training begins.
 *
 * @throws SPLIT_MISSING
 */
function splitsOf(
  { metadata, folder }: DatasetArtifact,
  { split, alsoSplits = () => [] }: MeasuringOptions,
  { bus, name }: StageServices,
): readonly string[] {
  const present = Object.keys(metadata.splits);
  const also = alsoSplits().filter((other) => present.includes(other));
  if (present.includes(split)) return [...also, split];
  if (present.length > 1 + also.length) throw splitMissing(folder, split, present);
  const left = also.length === 0 ? 'nothing will be evaluated' : `only ${also.join(', ')} is`;
  const text = `the dataset has no split "${split}": ${left}`;
  bus.emit({ type: 'message', level: 'warning', text, stage: name });
  return also;
}

/**
 * Puts a checkpoint from disk on the device and measures it.
 *
 * @throws CHECKPOINT_NOT_FOUND, CHECKPOINT_MISMATCH, MODEL_MISSING, MODEL_DIFFERS,
 *   IDENTIFIERS_DIFFER
 */
async function measureStored(
  path: string,
  keys: readonly string[],
  { dataset, splits }: Pick<CheckpointToMeasure, 'dataset' | 'splits'>,
  options: MeasuringOptions,
  services: StageServices,
  measure: (subject: CheckpointToMeasure) => Promise<readonly Artifact[]>,
): Promise<readonly Artifact[]> {
  const say = stageNotifier(services);
  const checkpoint = await findCheckpoint(path, { warn: (text) => say('warning', text) });
  const model = await modelOfStored(checkpoint, dataset, options, services);
  const averaged = Object.keys(checkpoint.state).some((name) => name.startsWith('average/'));
  const specs = {
    ...modelSpecs(model),
    ...(averaged ? under('average', parameterSpecs(model)) : {}),
  };
  const weights = Object.entries(checkpoint.state).filter(([name]) => name in specs);
  requireSpecs(path, specs, Object.fromEntries(weights));
  const engine = await services.engine();
  const state = await engine.upload(Object.fromEntries(weights));
  const { step, epoch } = checkpoint.manifest;
  const live = { step, epoch, path, model, engine, state, averaged, batchSize: DEFAULT_BATCH_SIZE };
  try {
    return await measure({ checkpoint: live, dataset, splits, keys });
  } finally {
    await state.dispose().catch(() => undefined); // a dead engine has freed it already
  }
}

/** Makes the model of a checkpoint on disk. @throws MODEL_MISSING, MODEL_DIFFERS, IDENTIFIERS_DIFFER */
async function modelOfStored(
  checkpoint: Checkpoint,
  dataset: DatasetArtifact,
  options: MeasuringOptions,
  services: StageServices,
): Promise<Model> {
  const { path, manifest } = checkpoint;
  const { metadata } = dataset;
  const { name, parts } = services;
  const checks = {
    allowed: options.allowOtherModel || services.allowOtherModel === true,
    override: `\`--allow-other-model\` (in the pipeline allowOtherModel: true of stage ${name})`,
    say: stageNotifier(services),
  };
  const found = await modelOfWeights({
    ...checks,
    weights: { path, model: manifest.model ?? undefined },
    candidates: modelsFor(options, services, manifest.training?.stage),
    dataset: metadata,
    parts,
  });
  if (found === undefined) throw modelMissing(name);
  const model = await parts.create('model', found.reference, { dataset: metadata });
  if (Object.keys(model.tables).length > 0) {
    const received = await readIdentifiers(checkpoint);
    requireSameRows({ ...checks, path, expected: await dataset.identifiers(), received });
  }
  return model;
}
