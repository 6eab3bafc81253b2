/** Evaluation of one split: metrics of the last supervision step, evaluators, a few traces. */
import type { Split, DatasetMetadata } from '../contracts/dataset.ts';
import { evaluationBatches, type EvaluationRows } from '../data/evaluation-batches.ts';
import { sizesOf, versionedSplit, type AttachedAugmentation } from '../data/versioned-split.ts';
import type { DeviceTree } from '../contracts/engine.ts';
import { evaluationMetrics } from '../train/step/metrics.ts';
import type { BatchOutcome, EvaluationRunner } from './evaluation-step.ts';
import { outputsMissing } from './errors.ts';
import type { Evaluator } from '../contracts/evaluator.ts';
import { Outcomes, solvedRows, type StoredOutcomes } from './outcomes.ts';
import type { EvaluationTrace } from './trace.ts';
import { TracedExamples, tracedOutputs } from './traced-examples.ts';

const BATCHES_IN_FLIGHT = 2;

export interface EvaluationRequest {
  readonly runner: EvaluationRunner;
  readonly state: DeviceTree;
  /** Evaluate the averaged parameters. */
  readonly averaged: boolean;
  readonly split: Split;
  /** Versions of the split's puzzles to evaluate with them. */
  readonly augmentation?: AttachedAugmentation | undefined;
  readonly metadata: DatasetMetadata;
  /** index → name of puzzle identifiers. */
  readonly identifiers: readonly string[];
  readonly evaluators: readonly Evaluator[];
  readonly step: number;
  /** Where evaluators put their files; exists. */
  readonly folder: string;
  /** Folders of earlier evaluations of this split, in order. */
  readonly earlierFolders: readonly string[];
  readonly maxExamples?: number;
  /** Called between two batches; throws to end the evaluation. */
  readonly throwIfStopped?: () => void;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface EvaluationOutcome {
  /** The model's metrics, then those of the evaluators. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly examples: number;
  readonly files: readonly string[];
  /** A few examples step by step, and which examples are solved; of a model that gives answers (`preds`). */
  readonly trace?: EvaluationTrace;
  readonly outcomes?: StoredOutcomes;
}

/** Outputs that evaluators and traces read. @throws MODEL_OUTPUT_MISSING */
export function outputsToFetch(
  available: readonly string[],
  evaluators: readonly Evaluator[],
): string[] {
  const optional = evaluators.flatMap(({ optionalOutputs = [] }) => optionalOutputs);
  const wanted = optional.filter((name) => available.includes(name));
  const required = evaluators.flatMap((evaluator) => evaluator.requiredOutputs);
  const missing = required.filter((name) => !available.includes(name));
  if (missing.length > 0) throw outputsMissing(missing, available);
  return [...new Set([...tracedOutputs(available), ...wanted, ...required])];
}

export function numExamplesOf(
  split: Split,
  maxExamples = Number.POSITIVE_INFINITY,
  augmentation?: AttachedAugmentation,
): number {
  return Math.min(sizesOf(versionedSplit(split, augmentation)).numExamples, maxExamples);
}

/**
 * Runs a split through the model.
 *
 * @reference SamsungSAILMontreal/TinyRecursiveModels@e7b6871 pretrain.py `evaluate`
 */
export async function evaluate(request: EvaluationRequest): Promise<EvaluationOutcome> {
  const { runner, state, split, augmentation, metadata, evaluators, step } = request;
  const examples = numExamplesOf(split, request.maxExamples, augmentation);
  const traced = tracedOutputs(runner.model.outputs);
  const answers = traced.length === 0 ? undefined : answersOf(request, examples);
  for (const evaluator of evaluators) {
    await evaluator.begin({
      step,
      split: split.name,
      folder: request.folder,
      dataset: metadata,
      identifiers: request.identifiers,
      examples: versionedSplit(split, augmentation),
      earlierFolders: request.earlierFolders,
    });
  }
  const totals: Record<string, number> = {};
  let done = 0;

  const take = (batch: EvaluationRows, outcome: BatchOutcome): void => {
    for (const [name, sum] of Object.entries(outcome.sums)) {
      totals[name] = (totals[name] ?? 0) + sum;
    }
    const { outputs } = outcome;
    if (answers !== undefined) {
      const solved = solvedRows(batch, outputs['preds']!.data, split.seqLen);
      answers.outcomes.take(batch, solved);
      answers.traced.take(batch, solved, outcome.trace);
    }
    for (const evaluator of evaluators) evaluator.update({ ...batch, outputs });
    done += batch.count;
    request.onProgress?.(done, examples);
  };

  await runner.open(state);
  try {
    const inFlight: Promise<void>[] = [];
    const batches = evaluationBatches({
      split,
      metadata,
      batchSize: runner.sizes.batchSize,
      ...(request.maxExamples === undefined ? {} : { maxExamples: request.maxExamples }),
      ...(augmentation === undefined ? {} : { augmentation }),
    });
    for (const batch of batches) {
      request.throwIfStopped?.();
      const options = {
        averaged: request.averaged,
        trace: answers?.traced.wantsMore === true ? traced : undefined,
      };
      const pending = runner.run(state, batch, options).then((outcome) => take(batch, outcome));
      pending.catch(() => undefined); // awaited below; a failure before that must not go unheard
      inFlight.push(pending);
      if (inFlight.length === BATCHES_IN_FLIGHT) await inFlight.shift();
    }
    await Promise.all(inFlight);
  } finally {
    await runner.close(state).catch(() => undefined); // a dead engine has freed it already
  }

  let metrics = evaluationMetrics(runner.model, totals, examples);
  const files: string[] = [];
  for (const evaluator of evaluators) {
    const result = await evaluator.result();
    metrics = { ...metrics, ...result.metrics };
    files.push(...(result.files ?? []));
  }
  return {
    metrics,
    examples,
    files,
    ...(answers && {
      trace: traceOf(request, answers),
      outcomes: answers.outcomes.stored({ step, split: split.name, examples }),
    }),
  };
}

/** What is kept of the answers themselves. */
interface Answers {
  readonly traced: TracedExamples;
  readonly outcomes: Outcomes;
}

function answersOf({ runner, split, metadata }: EvaluationRequest, examples: number): Answers {
  const { seqLen } = split;
  const notScored = metadata.ignoreLabelId ?? metadata.padId;
  const numGroups = split.groupIndices.length - 1;
  const { maxSteps } = runner.model;
  return {
    traced: new TracedExamples({ seqLen, maxSteps, numGroups, notScored }),
    outcomes: new Outcomes(examples, seqLen),
  };
}

function traceOf(
  { metadata, split, step }: EvaluationRequest,
  { traced }: Answers,
): EvaluationTrace {
  const { task, grid, gridStyle, ignoreLabelId } = metadata;
  return {
    format: 'eddy-trace/2',
    step,
    split: split.name,
    task,
    rows: grid.rows,
    cols: grid.cols,
    ...(gridStyle && { gridStyle }),
    notScored: ignoreLabelId,
    examples: traced.examples,
  };
}
