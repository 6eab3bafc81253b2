/** Stage `evaluate`: measures every checkpoint on a split as it appears, while training waits. */
import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { concatMap, EMPTY, from, type Observable } from 'rxjs';
import { z } from 'zod';

import { loadCheckpoint } from '../checkpoint/checkpoint.ts';
import { replaceDurably } from '../checkpoint/durable.ts';
import { DATASET_ARTIFACT, datasetOf, type DatasetArtifact } from '../data/dataset-artifact.ts';
import { splitMissing } from '../data/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { evaluate, numExamplesOf, outputsToFetch } from '../evaluate/evaluate.ts';
import { EvaluationRunner } from '../evaluate/evaluation-step.ts';
import type { Evaluator } from '../evaluate/evaluator.ts';
import { TRACE_FILE } from '../evaluate/trace.ts';
import type { Artifact, Stage } from '../pipeline/stage.ts';
import { partReference } from '../plugin/part-reference.ts';
import { definePlugin } from '../plugin/plugin.ts';
import type { PluginReference, StageServices } from '../run/services.ts';
import { CHECKPOINT_ARTIFACT, type LiveCheckpoint } from '../train/checkpoint-artifact.ts';
import { requireSpecs } from '../train/checkpoints.ts';
import { modelMissing, runStopped } from '../train/errors.ts';
import { modelSpecs, parameterSpecs } from '../train/state.ts';
import { under } from '../train/tree.ts';

const EVALUATION_ARTIFACT = 'evaluation';
const METRICS_FILE = 'metrics.json';
/** Rows of a call when no training tells what fits. */
const DEFAULT_BATCH_SIZE = 256;

const config = z.strictObject({
  split: z.string().default('test').describe('split to evaluate on'),
  evaluators: z
    .array(partReference('evaluator'))
    .default([])
    .describe('what to measure beyond the metrics of the model'),
  batchSize: z
    .int()
    .positive()
    .optional()
    .describe('rows of one call; by default as many as in training'),
  maxExamples: z.int().positive().optional().describe('only the first so many examples'),
  checkpoint: z
    .string()
    .optional()
    .describe('folder of a checkpoint to evaluate, in place of those of a training'),
  model: partReference('model')
    .optional()
    .describe('model of that checkpoint; by default the one that stage train names'),
});

type EvaluateConfig = z.output<typeof config>;

export default definePlugin({
  kind: 'stage',
  name: 'evaluate',
  apiVersion: 1,
  summary: 'evaluates checkpoints as they appear, or one on disk',
  config,
  needs: ['stage', 'configFolder'],
  create: (options, { stage, configFolder }) => new EvaluateStage(options, stage, configFolder),
});

interface StoredMetrics {
  readonly step: number;
  readonly split: string;
  readonly examples: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly durationMs: number;
}

class EvaluateStage implements Stage {
  readonly needs: readonly string[];
  readonly provides = [EVALUATION_ARTIFACT];
  readonly #options: EvaluateConfig;
  readonly #services: StageServices;
  readonly #configFolder: string;
  readonly #reportedSteps = new Set<number>();
  #dataset: { readonly value: DatasetArtifact; readonly key: string } | undefined;
  #compiled: { readonly engine: Engine; readonly runner: EvaluationRunner } | undefined;

  constructor(options: EvaluateConfig, services: StageServices, configFolder: string) {
    this.#options = options;
    this.#services = services;
    this.#configFolder = configFolder;
    this.needs =
      options.checkpoint === undefined
        ? [DATASET_ARTIFACT, CHECKPOINT_ARTIFACT]
        : [DATASET_ARTIFACT];
  }

  run(inputs$: Observable<Artifact>): Observable<Artifact> {
    return inputs$.pipe(
      concatMap((input) => {
        if (input.kind === CHECKPOINT_ARTIFACT) {
          return this.#dataset === undefined ? EMPTY : this.#evaluateArtifact(input);
        }
        const dataset = datasetOf(input);
        if (!this.#hasSplit(dataset)) return EMPTY;
        this.#dataset = { value: dataset, key: input.key };
        const { checkpoint } = this.#options;
        if (checkpoint === undefined) return EMPTY;
        return from(this.#evaluateStored(resolve(this.#configFolder, checkpoint), input.key));
      }),
    );
  }

  /**
   * A dataset that has nothing but training examples can be trained on, with a warning; a split that
   * is misspelt is an error, before the training begins.
   *
   * @throws SPLIT_MISSING
   */
  #hasSplit({ metadata, folder }: DatasetArtifact): boolean {
    const { split } = this.#options;
    const present = Object.keys(metadata.splits);
    if (present.includes(split)) return true;
    if (present.length > 1) throw splitMissing(folder, split, present);
    const text = `the dataset has no split "${split}": nothing will be evaluated`;
    this.#services.bus.emit({
      type: 'message',
      level: 'warning',
      text,
      stage: this.#services.name,
    });
    return false;
  }

  /** The one who emitted the checkpoint waits, and hears of failures: it may know how to go on. */
  #evaluateArtifact(input: Artifact): Observable<Artifact> {
    const live = input.value as LiveCheckpoint | undefined;
    const work =
      live === undefined
        ? this.#evaluateStored(input.path, input.key)
        : this.#evaluate(live, input.key);
    if (input.waitUntil === undefined) return from(work);
    input.waitUntil(work);
    const results = work.then(
      (artifact) => [artifact],
      () => [],
    );
    return from(results).pipe(concatMap((artifacts) => artifacts));
  }

  /** Evaluates a checkpoint from disk. */
  async #evaluateStored(path: string, inputKey: string): Promise<Artifact> {
    const { parts } = this.#services;
    const reference =
      this.#options.model ?? (this.#services.stageConfig('train')?.['model'] as PluginReference);
    if (reference === undefined) throw modelMissing(this.#services.name);
    const dataset = this.#dataset!.value;
    const model = await parts.create('model', reference, { dataset: dataset.metadata });
    const checkpoint = await loadCheckpoint(path);
    const averaged = Object.keys(checkpoint.state).some((name) => name.startsWith('average/'));
    const specs = {
      ...modelSpecs(model),
      ...(averaged ? under('average', parameterSpecs(model)) : {}),
    };
    const stored = Object.entries(checkpoint.state).filter(([name]) => name in specs);
    requireSpecs(path, specs, Object.fromEntries(stored));
    const engine = await this.#services.engine();
    const state = await engine.upload(Object.fromEntries(stored));
    const { step, epoch } = checkpoint.manifest;
    const live = { step, epoch, path, model, engine, state, averaged };
    try {
      return await this.#evaluate({ ...live, batchSize: DEFAULT_BATCH_SIZE }, inputKey);
    } finally {
      await state.dispose();
    }
  }

  async #evaluate(checkpoint: LiveCheckpoint, inputKey: string): Promise<Artifact> {
    const { bus, name } = this.#services;
    const { step } = checkpoint;
    const { split: splitName, maxExamples } = this.#options;
    const folder = this.#folderOf(step);
    const artifact = {
      kind: EVALUATION_ARTIFACT,
      stage: name,
      key: this.#services.artifactKey([inputKey, this.#dataset!.key]),
      path: folder,
    };
    const stored = await readMetrics(folder, splitName);
    if (stored !== undefined) {
      this.#report(stored, folder);
      return { ...artifact, value: stored };
    }

    const dataset = this.#dataset!.value;
    const split = await dataset.open(splitName);
    const examples = numExamplesOf(split, maxExamples);
    const evaluators = await this.#evaluators(dataset);
    const runner = await this.#runnerFor(checkpoint, evaluators, dataset, examples);
    await mkdir(folder, { recursive: true });
    bus.emit({ type: 'evaluation-started', step, split: splitName, examples });
    const startMs = performance.now();
    const outcome = await evaluate({
      runner,
      state: checkpoint.state,
      averaged: checkpoint.averaged,
      split,
      metadata: dataset.metadata,
      evaluators,
      step,
      folder,
      ...(maxExamples === undefined ? {} : { maxExamples }),
      throwIfStopped: () => {
        if (!this.#services.stop.requested) return;
        throw runStopped({ stage: name, step, folder: this.#services.runFolder });
      },
      onProgress: (done, total) =>
        bus.emit({ type: 'progress', stage: name, label: splitName, done, total }),
    });
    const durationMs = performance.now() - startMs;
    if (outcome.trace !== undefined) {
      await replaceDurably(join(folder, TRACE_FILE), JSON.stringify(outcome.trace));
    }
    const { metrics } = outcome;
    const result: StoredMetrics = { step, split: splitName, examples, metrics, durationMs };
    // Written last: an evaluation with metrics is whole, and a resumed run does not repeat it.
    await replaceDurably(join(folder, METRICS_FILE), `${JSON.stringify(result, null, 2)}\n`);
    this.#report(result, folder);
    return { ...artifact, value: result };
  }

  /** Once a session: a resumed run's journal ends before the evaluation of its checkpoint. */
  #report(result: StoredMetrics, folder: string): void {
    if (this.#reportedSteps.has(result.step)) return;
    this.#reportedSteps.add(result.step);
    this.#services.bus.emit({ type: 'evaluation-finished', ...result, folder });
  }

  #folderOf(step: number): string {
    const { name, runFolder } = this.#services;
    const suffix = name === 'evaluate' ? '' : `-${name}`;
    return join(runFolder, 'evaluations', `step-${String(step).padStart(8, '0')}${suffix}`);
  }

  #evaluators(dataset: DatasetArtifact): Promise<Evaluator[]> {
    const facts = { dataset: dataset.metadata };
    return Promise.all(
      this.#options.evaluators.map((reference) =>
        this.#services.parts.create('evaluator', reference, facts),
      ),
    );
  }

  /** Compiled once an engine. */
  async #runnerFor(
    checkpoint: LiveCheckpoint,
    evaluators: readonly Evaluator[],
    dataset: DatasetArtifact,
    examples: number,
  ): Promise<EvaluationRunner> {
    const { engine, model } = checkpoint;
    if (this.#compiled?.engine === engine) return this.#compiled.runner;
    const batchSize = this.#options.batchSize ?? Math.min(checkpoint.batchSize, examples);
    const runner = await EvaluationRunner.compile(
      engine,
      model,
      { batchSize, seqLen: dataset.metadata.seqLen },
      outputsToFetch(model.outputs, evaluators),
    );
    this.#compiled = { engine, runner };
    return runner;
  }
}

/** Metrics of an evaluation that was finished before; undefined when there is none. */
async function readMetrics(folder: string, split: string): Promise<StoredMetrics | undefined> {
  try {
    const text = await readFile(join(folder, METRICS_FILE), 'utf8');
    const stored = JSON.parse(text) as StoredMetrics;
    return stored.split === split ? stored : undefined;
  } catch {
    return undefined;
  }
}
