/** The training step and the evaluation as programs: for whatever measures, checks or exports them. */
export { initialise } from './model/initialise.ts';
export { updateRows } from './train/step/rows.ts';
export { StepRunner, type TrainStepInputs } from './train/step/step-runner.ts';
export { stepBytes } from './train/memory/step-memory.ts';
export { initialScratch, initialState } from './train/step/state.ts';
export type { BatchSizes, TrainingParts } from './train/step/parts.ts';
export { evaluationMetrics, trainingMetrics, type StepSums } from './train/step/metrics.ts';
export {
  evaluationProgram,
  EvaluationRunner,
  type EvaluationRunOptions,
  type EvaluationSizes,
  type EvaluationWiring,
} from './evaluate/evaluation-step.ts';
export { outputsMissing } from './evaluate/errors.ts';
