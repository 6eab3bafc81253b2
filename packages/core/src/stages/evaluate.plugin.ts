/** Stage `evaluate`: measures every checkpoint on a split as it appears, while training waits. */
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { z } from 'zod';

import { checkpointPath } from '../checkpoint/checkpoint.ts';
import { replaceDurably, syncTree } from '../files/durable.ts';
import type { DatasetArtifact } from '../data/dataset-artifact.ts';
import type { Engine } from '../contracts/engine.ts';
import { evaluationBatchSize } from '../evaluate/batch-size.ts';
import { evaluate, numExamplesOf, outputsToFetch } from '../evaluate/evaluate.ts';
import { EvaluationRunner } from '../evaluate/evaluation-step.ts';
import type { Evaluator } from '../contracts/evaluator.ts';
import { OUTCOMES_FILE } from '../evaluate/outcomes.ts';
import { TRACE_FILE } from '../evaluate/trace.ts';
import type { Artifact, Stage } from '../contracts/stage.ts';
import { partReference } from '../plugin/part-reference.ts';
import type { ConfigProblem } from '../contracts/config-problem.ts';
import { definePlugin } from '../contracts/plugin.ts';
import type { RunEventBody } from '../contracts/events.ts';
import type { StageServices } from '../contracts/services.ts';
import type { LiveCheckpoint } from '../train/session/checkpoint-artifact.ts';
import { runStopped } from '../run/errors.ts';
import { EVALUATION_ARTIFACT, evaluationsOf } from './evaluations.ts';
import {
  evaluationFolder,
  evaluationsIn,
  readEarlierResults,
  METRICS_FILE,
  writeResult,
} from './evaluation-folder.ts';
import {
  measuredCheckpoints,
  measuringOptions,
  type CheckpointToMeasure,
} from './measured-checkpoints.ts';

const config = z.strictObject({
  split: z.string().default('test').describe('split to evaluate on'),
  evaluators: z
    .array(partReference('evaluator'))
    .default([])
    .describe('evaluators to run besides the metrics of the model'),
  batchSize: measuringOptions.batchSize,
  countPadding: z
    .boolean()
    .default(false)
    .describe(
      'include the padding rows of the last batch in q_halt_loss, as the reference does; the value then depends on batchSize',
    ),
  maxExamples: measuringOptions.maxExamples,
  checkpoint: measuringOptions.checkpoint,
  chosenOn: measuringOptions.chosenOn,
  model: measuringOptions.model,
  allowOtherModel: measuringOptions.allowOtherModel,
});

type EvaluateConfig = z.output<typeof config>;

export default definePlugin({
  kind: 'stage',
  name: 'evaluate',
  apiVersion: 1,
  summary: 'evaluates checkpoints as they appear, or one on disk',
  config,
  needs: ['stage', 'configFolder'],
  check: ({ evaluators }) => repeatedEvaluators(evaluators),
  create: (options, { stage, configFolder }) => new EvaluateStage(options, stage, configFolder),
});

/** Two of one kind would write over each other's metrics and files. */
function repeatedEvaluators(evaluators: EvaluateConfig['evaluators']): ConfigProblem[] {
  return evaluators.flatMap(({ use }, index) =>
    evaluators.findIndex((other) => other.use === use) === index
      ? []
      : [
          {
            path: ['evaluators', index],
            message: `the evaluator ${use} is listed twice`,
            expected: 'each evaluator at most once in a stage',
            received: use,
            fix: `remove one, or add a second stage evaluate for it: evaluate-more: { use: evaluate, evaluators: [${use}] }`,
          },
        ],
  );
}

/** `metrics.json` */
type StoredMetrics = Omit<
  Extract<RunEventBody, { type: 'evaluation-finished' }>,
  'type' | 'folder' | 'isReused'
> & {
  /** Content key of the evaluation; metrics of earlier versions lack it. */
  readonly key?: string;
};

class EvaluateStage implements Stage {
  readonly needs: Stage['needs'];
  readonly provides = [EVALUATION_ARTIFACT];
  readonly run: Stage['run'];
  readonly foresee: NonNullable<Stage['foresee']>;
  readonly #options: EvaluateConfig;
  readonly #services: StageServices;
  readonly #reported = new Set<string>();
  /** Labels of trainings whose evaluations were taken over. */
  readonly #tookOver = new Set<string | undefined>();
  /** By the rows of a call, which a small split has fewer of. */
  #compiled:
    { readonly engine: Engine; readonly runners: Map<number, EvaluationRunner> } | undefined;

  constructor(options: EvaluateConfig, services: StageServices, configFolder: string) {
    this.#options = options;
    this.#services = services;
    const { needs, run, foresee } = measuredCheckpoints(
      { ...options, which: 'all', configFolder, alsoSplits: () => this.#monitoredSplits() },
      services,
      (subject) => this.#evaluateSplits(subject),
    );
    this.needs = needs;
    this.run = run;
    this.foresee = foresee;
  }

  /** Splits besides its own: what the monitor of the training watches, if no stage was told to evaluate it. */
  #monitoredSplits(): readonly string[] {
    const { name } = this.#services;
    const own = evaluationsOf(this.#services.stages()).find(({ stage }) => stage === name);
    return own?.splits.filter((split) => split !== this.#options.split) ?? [];
  }

  async #evaluateSplits(subject: CheckpointToMeasure): Promise<Artifact[]> {
    const artifacts: Artifact[] = [];
    await this.#takeOver(subject);
    for (const split of subject.splits) artifacts.push(await this.#evaluate(subject, split));
    return artifacts;
  }

  #keyOf(keys: readonly string[], split: string): string {
    const others = split === this.#options.split ? [] : [split];
    return this.#services.artifactKey([...keys, ...others], { computed: true });
  }

  #folder(step: number, split: string, label?: string): string {
    const isOwn = split === this.#options.split;
    return evaluationFolder(this.#services, step, { label, ...(isOwn ? {} : { split }) });
  }

  async #evaluate(
    { checkpoint, dataset, keys, label }: CheckpointToMeasure,
    splitName: string,
  ): Promise<Artifact> {
    const { bus, name } = this.#services;
    const { step } = checkpoint;
    const { maxExamples, chosenOn } = this.#options;
    const folder = this.#folder(step, splitName, label);
    const labelled = label === undefined ? {} : { label };
    const key = this.#keyOf(keys, splitName);
    const artifact = { kind: EVALUATION_ARTIFACT, stage: name, key, path: folder };
    const stored = await readEarlierResults<StoredMetrics>(join(folder, METRICS_FILE), splitName);
    if (stored !== undefined && (stored.key ?? key) === key) {
      this.#report(stored, folder);
      return { ...artifact, value: stored };
    }

    const split = await dataset.open(splitName);
    const examples = numExamplesOf(split, maxExamples, dataset.augmentation);
    const evaluators = await this.#evaluators(dataset);
    const runner = await this.#runnerFor(checkpoint, evaluators, dataset, examples);
    await mkdir(folder, { recursive: true });
    bus.emit({ type: 'evaluation-started', step, split: splitName, examples, ...labelled });
    const startMs = performance.now();
    const outcome = await evaluate({
      runner,
      state: checkpoint.state,
      averaged: checkpoint.averaged,
      split,
      augmentation: dataset.augmentation,
      metadata: dataset.metadata,
      identifiers: await dataset.identifiers(),
      evaluators,
      step,
      folder,
      earlierFolders: await this.#earlierFolders(step, splitName, label),
      ...(maxExamples === undefined ? {} : { maxExamples }),
      throwIfStopped: () => {
        if (!this.#services.stop.requested) return;
        throw runStopped({ step, folder: this.#services.runFolder });
      },
      onProgress: (done, total) =>
        bus.emit({ type: 'progress', stage: name, label: splitName, done, total }),
    });
    const durationMs = performance.now() - startMs;
    if (outcome.trace !== undefined) {
      await replaceDurably(join(folder, TRACE_FILE), JSON.stringify(outcome.trace));
    }
    if (outcome.outcomes !== undefined) {
      await replaceDurably(join(folder, OUTCOMES_FILE), JSON.stringify(outcome.outcomes));
    }
    const { metrics } = outcome;
    const result: StoredMetrics = {
      key,
      step,
      split: splitName,
      ...labelled,
      examples,
      batchSize: runner.sizes.batchSize,
      metrics,
      ...(chosenOn === undefined ? {} : { chosenOn }),
      durationMs,
    };
    // Written last: an evaluation with metrics is whole, and a resumed run does not repeat it.
    await writeResult(join(folder, METRICS_FILE), result);
    this.#report(result, folder);
    return { ...artifact, value: result };
  }

  /**
   * Evaluations of a reused training that were done with these very options are taken over, also of steps whose
   * checkpoints are gone. Others cannot be done again there, which is said.
   */
  async #takeOver({ checkpoint, keys, splits, label }: CheckpointToMeasure): Promise<void> {
    const { reusedFrom } = checkpoint;
    if (reusedFrom === undefined || this.#tookOver.has(label)) return;
    this.#tookOver.add(label);
    const { bus, name } = this.#services;
    const [own = '', ...others] = keys;
    const training = own.slice(0, own.lastIndexOf('/'));
    const measured = new Set<number>();
    for (const folder of reusedFrom.toldEvaluations) this.#reported.add(folder);
    const { runFolder } = this.#services;
    const theirs = await evaluationsIn<StoredMetrics>(reusedFrom.run);
    // A session before may have taken them over from a run that is gone now.
    const before = await evaluationsIn<StoredMetrics>(runFolder);
    const isHere = (step: number) => existsSync(checkpointPath(dirname(checkpoint.path), step));
    const gone = before.filter(({ metrics }) => !isHere(metrics.step));
    for (const { path, metrics } of [...(reusedFrom.run === runFolder ? [] : theirs), ...gone]) {
      const { step, split } = metrics;
      if (!splits.includes(split)) continue;
      if (metrics.key !== this.#keyOf([`${training}/${step}`, ...others], split)) continue;
      const { label: _theirs, ...rest } = metrics;
      const taken = { ...rest, ...(label === undefined ? {} : { label }) };
      const folder = this.#folder(step, split, label);
      const stored = await readEarlierResults<StoredMetrics>(join(folder, METRICS_FILE), split);
      if (stored?.key !== metrics.key) {
        // The metrics come last: a folder that has them is whole.
        await cp(path, folder, {
          recursive: true,
          filter: (file) => file !== join(path, METRICS_FILE),
        });
        await syncTree(folder);
        await writeResult(join(folder, METRICS_FILE), taken);
      }
      this.#report(taken, folder, true);
      measured.add(step);
    }
    const missing = reusedFrom.stepsWithoutCheckpoint.filter((step) => !measured.has(step));
    if (missing.length === 0) return;
    const text =
      `the reused training was also evaluated at steps ${missing.join(', ')}, with other options and without ` +
      `keeping the checkpoints: these evaluations cannot be repeated`;
    bus.emit({ type: 'message', level: 'warning', text, stage: name });
  }

  /** Once a session: a resumed run's journal ends before the evaluation of its checkpoint. */
  #report({ key: _key, ...result }: StoredMetrics, folder: string, isReused = false): void {
    if (this.#reported.has(folder)) return;
    this.#reported.add(folder);
    const reused = isReused ? { isReused } : {};
    this.#services.bus.emit({ type: 'evaluation-finished', ...result, folder, ...reused });
  }

  /** Folders of this stage's finished evaluations of the same weights and split before a step, by step. */
  async #earlierFolders(step: number, split: string, label?: string): Promise<string[]> {
    const names = await readdir(join(this.#folder(step, split), '..')).catch(() => []);
    const steps = names.map((name) => Number(/^step-(\d+)/.exec(name)?.[1]));
    const earlier = [...new Set(steps)].filter((other) => other < step).sort((a, b) => a - b);
    const finished = earlier.map(async (other) => {
      const folder = this.#folder(other, split, label);
      const metrics = await readEarlierResults(join(folder, METRICS_FILE), split);
      return metrics && folder;
    });
    return (await Promise.all(finished)).filter((path) => path !== undefined);
  }

  #evaluators(dataset: DatasetArtifact): Promise<Evaluator[]> {
    const facts = { dataset: dataset.metadata };
    return Promise.all(
      this.#options.evaluators.map((reference) =>
        this.#services.parts.create('evaluator', reference, facts),
      ),
    );
  }

  /** Compiled once for an engine and a batch size. */
  async #runnerFor(
    checkpoint: LiveCheckpoint,
    evaluators: readonly Evaluator[],
    dataset: DatasetArtifact,
    examples: number,
  ): Promise<EvaluationRunner> {
    const { engine, model } = checkpoint;
    if (this.#compiled?.engine !== engine) this.#compiled = { engine, runners: new Map() };
    const { runners } = this.#compiled;
    const batchSize = evaluationBatchSize(
      { asked: this.#options.batchSize, inTraining: checkpoint.batchSize, examples },
      engine.info,
    );
    const known = runners.get(batchSize);
    if (known !== undefined) return known;
    const runner = await EvaluationRunner.compile(
      engine,
      model,
      { batchSize, seqLen: dataset.metadata.seqLen },
      {
        outputs: outputsToFetch(model.outputs, evaluators),
        countsPadding: this.#options.countPadding,
      },
    );
    runners.set(batchSize, runner);
    return runner;
  }
}
