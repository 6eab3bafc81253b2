/** Stage `test-time-compute`: accuracy against compute, of the last checkpoint or of each. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { replaceDurably } from '../files/durable.ts';
import type { Augmentation, Split } from '../contracts/dataset.ts';
import type { DatasetArtifact } from '../data/dataset-artifact.ts';
import { versionedSplit } from '../data/versioned-split.ts';
import { evaluationBatchSize } from '../evaluate/batch-size.ts';
import { outputsMissing } from '../evaluate/errors.ts';
import { numExamplesOf } from '../evaluate/evaluate.ts';
import { EvaluationRunner } from '../evaluate/evaluation-step.ts';
import type { Evaluator } from '../contracts/evaluator.ts';
import type { Model } from '../contracts/model.ts';
import type { Artifact, Stage } from '../contracts/stage.ts';
import { partReference } from '../plugin/part-reference.ts';
import { definePlugin } from '../contracts/plugin.ts';
import type { RandomStream } from '../random/random-stream.ts';
import type { StageServices } from '../contracts/services.ts';
import {
  augmentationMissing,
  augmentationNotInvertible,
  haltingMissing,
  latentsMissing,
  latentUnknown,
  outputNotChosen,
  viewsTooMany,
} from '../test-time-compute/errors.ts';
import { measureCompute } from '../test-time-compute/measure.ts';
import { latentsOf } from '../test-time-compute/noise.ts';
import { settingsOf, sweepEntry } from '../test-time-compute/sweep.ts';
import type { ComputeSetting, SettingResult } from '../contracts/events.ts';
import { computeCsv } from '../test-time-compute/table.ts';
import { Tally } from '../test-time-compute/tally.ts';
import { runStopped } from '../run/errors.ts';
import { evaluationFolder, readEarlierResults, writeResult } from './evaluation-folder.ts';
import {
  measuredCheckpoints,
  measuringOptions,
  modelOf,
  type CheckpointToMeasure,
} from './measured-checkpoints.ts';

const COMPUTE_ARTIFACT = 'test-time-compute';
const RESULT_FILE = 'compute.json';
const TABLE_FILE = 'compute.csv';
const ANSWER = 'preds';
const HALTING = 'q_halt_logits';

const config = z.strictObject({
  sweep: z
    .array(sweepEntry)
    .min(1)
    .prefault([{ steps: [1, 2, 4, 8, 16, 32, 64, 128] }])
    .describe(
      'settings to compare; each entry is one curve, over all combinations of the values that it lists',
    ),
  split: z.string().default('test').describe('split to evaluate on'),
  maxExamples: measuringOptions.maxExamples,
  batchSize: measuringOptions.batchSize,
  latents: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('tensors of the carry to which noise is added; by default all latents'),
  augmentation: partReference('augmentation')
    .optional()
    .describe('augmentation that makes the views; by default that of the data'),
  evaluators: z
    .array(partReference('evaluator'))
    .default([])
    .describe('evaluators to run for each setting besides its accuracy'),
  checkpoints: z
    .enum(['last', 'best', 'all'])
    .default('last')
    .describe(
      'the last or the best checkpoint after training, or each checkpoint while training waits',
    ),
  checkpoint: measuringOptions.checkpoint,
  chosenOn: measuringOptions.chosenOn,
  model: measuringOptions.model,
  allowOtherModel: measuringOptions.allowOtherModel,
});

type ComputeConfig = z.output<typeof config>;

export default definePlugin({
  kind: 'stage',
  name: 'test-time-compute',
  apiVersion: 1,
  summary: 'accuracy against compute: supervision steps, noisy trajectories, views, halting',
  config,
  needs: ['stage', 'configFolder', 'seeds'],
  create: (options, { stage, configFolder, seeds }): Stage => {
    const measuring = new ComputeMeasuring(options, stage, seeds.stream('test-time-compute'));
    const { checkpoints: which } = options;
    return {
      provides: [COMPUTE_ARTIFACT],
      ...measuredCheckpoints(
        { ...options, which, configFolder },
        stage,
        async (subject) => [await measuring.measure(subject)],
        async (dataset) => measuring.prepare(dataset, await modelOf(options, stage, dataset)),
      ),
    };
  },
});

/** `compute.json` */
interface StoredCompute {
  readonly step: number;
  readonly split: string;
  readonly label?: string;
  readonly examples: number;
  readonly results: readonly SettingResult[];
  readonly durationMs: number;
}

class ComputeMeasuring {
  readonly #options: ComputeConfig;
  readonly #services: StageServices;
  readonly #random: RandomStream;

  constructor(options: ComputeConfig, services: StageServices, random: RandomStream) {
    this.#options = options;
    this.#services = services;
    this.#random = random;
  }

  async measure({ checkpoint, dataset, keys, label }: CheckpointToMeasure): Promise<Artifact> {
    const { bus, name, runFolder } = this.#services;
    const { split: splitName, maxExamples, chosenOn } = this.#options;
    const { step, model, engine } = checkpoint;
    const folder = evaluationFolder(this.#services, step, { label });
    const artifact = {
      kind: COMPUTE_ARTIFACT,
      stage: name,
      key: this.#services.artifactKey(keys),
      path: folder,
    };
    const stored = await readEarlierResults<StoredCompute>(join(folder, RESULT_FILE), splitName);
    if (stored !== undefined) return { ...artifact, value: this.#report(stored, folder) };

    const { settings, latents, augmentation } = await this.prepare(dataset, model);
    const outputs = [ANSWER, HALTING].filter((name) => model.outputs.includes(name));
    const split = await dataset.open(splitName);
    const examples = numExamplesOf(split, maxExamples, dataset.augmentation);
    await mkdir(folder, { recursive: true });
    const tallies = await Promise.all(
      settings.map(async (setting, i) => {
        const files = join(folder, `setting-${i + 1}`);
        const evaluators = await this.#evaluators(dataset, outputs, split, step, files);
        return new Tally(setting, evaluators, outputs.includes(HALTING));
      }),
    );
    const batchSize = evaluationBatchSize(
      { asked: this.#options.batchSize, inTraining: checkpoint.batchSize, examples },
      engine.info,
    );
    const sizes = { batchSize, seqLen: dataset.metadata.seqLen };
    const wiring = { outputs, noisy: latents };
    const runner = await EvaluationRunner.compile(engine, model, sizes, wiring);
    const startMs = performance.now();
    const results = await measureCompute({
      runner,
      state: checkpoint.state,
      averaged: checkpoint.averaged,
      split,
      metadata: dataset.metadata,
      ...(dataset.augmentation === undefined ? {} : { attached: dataset.augmentation }),
      tallies,
      latents,
      ...(augmentation === undefined ? {} : { augmentation }),
      random: this.#random,
      ...(maxExamples === undefined ? {} : { maxExamples }),
      throwIfStopped: () => {
        if (this.#services.stop.requested) throw runStopped({ step, folder: runFolder });
      },
      onProgress: (done, total) =>
        bus.emit({ type: 'progress', stage: name, label: 'supervision steps', done, total }),
    });
    const durationMs = performance.now() - startMs;
    const result: StoredCompute = {
      step,
      split: splitName,
      ...(label === undefined ? {} : { label }),
      examples,
      results,
      ...(chosenOn === undefined ? {} : { chosenOn }),
      durationMs,
    };
    await replaceDurably(join(folder, TABLE_FILE), computeCsv(results));
    // Written last: what has it is whole.
    await writeResult(join(folder, RESULT_FILE), result);
    return { ...artifact, value: this.#report(result, folder) };
  }

  /** @throws what is wrong with the options, given the model and the data */
  async prepare(dataset: DatasetArtifact, model: Model) {
    const settings = settingsOf(this.#options.sweep, model.maxSteps);
    this.#checkModel(model, settings);
    const latents = this.#latents(model, settings);
    const augmentation = await this.#augmentation(dataset, settings);
    return { settings, latents, augmentation };
  }

  #report(result: StoredCompute, folder: string): StoredCompute {
    this.#services.bus.emit({
      type: 'compute-measured',
      stage: this.#services.name,
      ...result,
      folder,
    });
    return result;
  }

  /** @throws MODEL_OUTPUT_MISSING, HALTING_MISSING */
  #checkModel({ outputs }: Model, settings: readonly ComputeSetting[]) {
    if (!outputs.includes(ANSWER)) throw outputsMissing([ANSWER], outputs);
    if (outputs.includes(HALTING)) return;
    const { name } = this.#services;
    if (settings.some(({ halt }) => halt)) {
      throw haltingMissing(name, 'halt: true', `set halt: false in ${name}.sweep`);
    }
    const chooses = settings.some(
      ({ choose, trajectories, views }) => choose === 'best-q' && trajectories * views > 1,
    );
    if (chooses) throw haltingMissing(name, 'choose: best-q', `set choose: mode in ${name}.sweep`);
  }

  /** None when no setting has noise. @throws LATENT_UNKNOWN, LATENTS_MISSING */
  #latents(model: Model, settings: readonly ComputeSetting[]): readonly string[] {
    const known = latentsOf(model);
    const wanted = this.#options.latents ?? known;
    const unknown = wanted.find((name) => !known.includes(name));
    if (unknown !== undefined) throw latentUnknown(this.#services.name, unknown, known);
    if (!settings.some(({ trajectories, noise }) => trajectories > 1 && noise > 0)) return [];
    if (wanted.length === 0) throw latentsMissing(this.#services.name);
    return wanted;
  }

  /** @throws AUGMENTATION_MISSING, AUGMENTATION_NOT_INVERTIBLE, VIEWS_TOO_MANY */
  async #augmentation(
    dataset: DatasetArtifact,
    settings: readonly ComputeSetting[],
  ): Promise<Augmentation | undefined> {
    const views = Math.max(...settings.map((setting) => setting.views));
    if (views === 1) return undefined;
    const { name, parts } = this.#services;
    const reference = this.#options.augmentation ?? dataset.augmentedBy;
    if (reference === undefined) throw augmentationMissing(name);
    const facts = { dataset: dataset.metadata };
    const augmentation = await parts.create('augmentation', reference, facts);
    if (!('invert' in augmentation)) throw augmentationNotInvertible(name, reference.use);
    const { numVersions } = augmentation;
    if (views > 1 + numVersions) throw viewsTooMany(name, reference.use, views, numVersions);
    return augmentation;
  }

  /** One of each for a setting, begun. @throws OUTPUT_NOT_CHOSEN */
  async #evaluators(
    dataset: DatasetArtifact,
    outputs: readonly string[],
    split: Split,
    step: number,
    folder: string,
  ): Promise<Evaluator[]> {
    const { metadata } = dataset;
    const identifiers = await dataset.identifiers();
    return Promise.all(
      this.#options.evaluators.map(async (reference) => {
        const facts = { dataset: metadata };
        const evaluator = await this.#services.parts.create('evaluator', reference, facts);
        const missing = evaluator.requiredOutputs.filter((name) => !outputs.includes(name));
        if (missing.length > 0) {
          throw outputNotChosen(this.#services.name, reference.use, missing, outputs);
        }
        await mkdir(folder, { recursive: true });
        await evaluator.begin({
          step,
          split: split.name,
          folder,
          dataset: metadata,
          identifiers,
          examples: versionedSplit(split, dataset.augmentation),
          // Each setting is measured by itself.
          earlierFolders: [],
        });
        return evaluator;
      }),
    );
  }
}
