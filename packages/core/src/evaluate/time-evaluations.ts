/** How long the evaluations of a training will take, measured on a few real supervision steps. */
import { evaluationBatches } from '../data/evaluation-batches.ts';
import type { DeviceTree } from '../contracts/engine.ts';
import { evaluationBatchSize } from './batch-size.ts';
import { numExamplesOf } from './evaluate.ts';
import { EvaluationRunner } from './evaluation-step.ts';
import type { EvaluatedTraining, PlannedEvaluations } from '../train/session/trainer-options.ts';

/** Supervision steps before the clock counts, and those that it counts. */
const WARM_UP_STEPS = 2;
const TIMED_STEPS = 5;

/** What a stage `evaluate` of the pipeline says. */
export interface PlannedEvaluation {
  readonly split: string;
  readonly batchSize?: number | undefined;
  readonly maxExamples?: number | undefined;
}

/** The evaluations of a training as its plan wants them. */
export function plannedEvaluations(evaluations: readonly PlannedEvaluation[]): PlannedEvaluations {
  return {
    count: evaluations.length,
    time: (training) => timeEvaluations(training, evaluations),
  };
}

/**
 * Returns the milliseconds that one evaluation by each stage takes, together, without what evaluators do
 * with the answers.
 */
export async function timeEvaluations(
  training: EvaluatedTraining,
  evaluations: readonly PlannedEvaluation[],
): Promise<number> {
  const { engine, model, dataset } = training;
  const state = await engine.upload(training.state);
  let totalMs = 0;
  try {
    for (const { split: name, maxExamples, ...evaluation } of evaluations) {
      if (dataset.metadata.splits[name] === undefined) continue;
      const split = await dataset.open(name);
      const examples = numExamplesOf(split, maxExamples, dataset.augmentation);
      const batchSize = evaluationBatchSize(
        { asked: evaluation.batchSize, inTraining: training.batchSize, examples },
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
