/** How long the evaluations of a training will take, measured on a few real supervision steps. */
import { evaluationBatches } from '../data/evaluation-batches.ts';
import type { DatasetArtifact } from '../data/dataset-artifact.ts';
import type { DeviceTree, Engine } from '../engine/engine.ts';
import { evaluationBatchSize } from '../evaluate/batch-size.ts';
import { numExamplesOf } from '../evaluate/evaluate.ts';
import { EvaluationRunner } from '../evaluate/evaluation-step.ts';
import type { Model } from '../model/model.ts';
import type { HostTree } from '@eddy/tensor/spec';

/** Supervision steps before the clock counts, and those that it counts. */
const WARM_UP_STEPS = 2;
const TIMED_STEPS = 5;

/** What a stage `evaluate` of the pipeline says. */
export interface PlannedEvaluation {
  readonly split: string;
  readonly batchSize?: number | undefined;
  readonly maxExamples?: number | undefined;
}

/**
 * Milliseconds of one evaluation by each stage, together. Without what evaluators do with the answers.
 *
 * @param batchSize  rows of a call where the stage says nothing
 */
export async function timeEvaluations(request: {
  readonly engine: Engine;
  readonly model: Model;
  readonly state: HostTree;
  readonly dataset: DatasetArtifact;
  readonly batchSize: number;
  readonly evaluations: readonly PlannedEvaluation[];
}): Promise<number> {
  const { engine, model, dataset } = request;
  const state = await engine.upload(request.state);
  let totalMs = 0;
  try {
    for (const { split: name, maxExamples, ...evaluation } of request.evaluations) {
      if (dataset.metadata.splits[name] === undefined) continue;
      const split = await dataset.open(name);
      const examples = numExamplesOf(split, maxExamples, dataset.augmentation);
      const batchSize = evaluationBatchSize(
        { asked: evaluation.batchSize, inTraining: request.batchSize, examples },
        engine.info,
      );
      const runner = await EvaluationRunner.compile(
        engine,
        model,
        { batchSize, seqLen: dataset.metadata.seqLen },
        { outputs: [] },
      );
      const [batch] = evaluationBatches({ split, metadata: dataset.metadata, batchSize });
      const stepMs = await timeStep(runner, state, batch!);
      totalMs += stepMs * model.maxSteps * Math.ceil(examples / batchSize);
    }
    return totalMs;
  } finally {
    await state.dispose();
  }
}

/** Median milliseconds of a supervision step. */
async function timeStep(
  runner: EvaluationRunner,
  state: DeviceTree,
  batch: Parameters<EvaluationRunner['steps']>[1],
): Promise<number> {
  await runner.open(state);
  const durations: number[] = [];
  let before = performance.now();
  for await (const _outputs of runner.steps(state, batch, { averaged: false })) {
    durations.push(performance.now() - before);
    if (durations.length === WARM_UP_STEPS + TIMED_STEPS) break;
    before = performance.now();
  }
  await runner.close(state);
  return durations.slice(WARM_UP_STEPS).sort((a, b) => a - b)[TIMED_STEPS >> 1]!;
}
