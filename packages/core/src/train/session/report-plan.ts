/** `pipeline plan`: what a training and its evaluations would take, without doing a step of it. */
import type { TrainingPlan } from '../../contracts/events.ts';
import type { HostTree } from '@eddy/tensor/spec';
import { planTraining, type PlannedRun } from '../plan/plan.ts';
import { numIterationsOf, scheduledStepsOf } from './schedule.ts';
import { modelSpecs } from '../../model/model-specs.ts';
import { trainerBatches } from './trainer-batches.ts';
import type { TrainerOptions, TrainerServices } from './trainer-options.ts';

/** @param state  what training would start from */
export async function reportPlan(
  planned: PlannedRun,
  state: HostTree,
  options: TrainerOptions,
  services: TrainerServices,
): Promise<void> {
  const [batch] = await trainerBatches(options);
  const training = await planTraining({
    ...planned,
    state,
    stop: services.stop,
    inputs: {
      batch: batch!,
      step: 1,
      totalSteps: scheduledStepsOf(options),
      random: options.random,
    },
  });
  const plan = await withEvaluations(training, planned, state, options);
  services.bus.emit({ type: 'training-planned', plan });
}

/** A run measures its evaluations soon enough; `pipeline plan` must say how long they will take. */
async function withEvaluations(
  plan: TrainingPlan,
  { engine, fitted }: PlannedRun,
  state: HostTree,
  options: TrainerOptions,
): Promise<TrainingPlan> {
  const { dataset, evaluations } = options;
  if (!evaluations?.count || plan.totalMs === undefined) return plan;
  const { parts, sizes } = fitted.runner;
  const specs = modelSpecs(parts.model);
  const onceMs = await evaluations.time({
    engine,
    model: parts.model,
    state: Object.fromEntries(Object.entries(state).filter(([name]) => name in specs)),
    dataset,
    batchSize: sizes.microBatchSize,
  });
  const count = numIterationsOf(options);
  const durationMs = count * onceMs;
  return {
    ...plan,
    totalMs: plan.totalMs + durationMs,
    evaluations: { count: count * evaluations.count, durationMs },
  };
}
