/** Eddy as a library: run, watch, plan and explain pipelines, read runs, sweep. */
export { sourcesOf } from './pipeline/create-run.ts';
export { SOURCES_FOLDER, verifySources } from './plugin/kept-sources.ts';
export { stageUnknown } from './pipeline/errors.ts';
export {
  createStopSignal,
  EXIT_STOPPED,
  type StopController,
  type StopOptions,
} from './run/stop.ts';
export { pipelineJsonSchema } from './schema/json-schema.ts';
export {
  readPipeline,
  resolveConfig,
  type ResolvedPipeline,
  type ResolveOptions,
} from './schema/resolve-config.ts';
export type { ResolvedPart } from './schema/validate.ts';
export {
  openRegistry,
  type BuiltinPackages,
  type DeclaredPlugins,
  type PluginEntry,
  type PluginRegistry,
} from './plugin/registry.ts';
export { checkStages } from './pipeline/check-stages.ts';
export { explainStages, type StageExplanation } from './pipeline/explain-stages.ts';
export type { Selection } from './pipeline/open-stages.ts';
export { buildDataset, type BuildDatasetOptions } from './pipeline/build-dataset.ts';
export { planPipeline, type PlanPipelineOptions } from './pipeline/plan-pipeline.ts';
export { pipelineFileOf } from './pipeline/pipeline-of-weights.ts';
export {
  diffRuns,
  type Difference,
  type DiffOptions,
  type MetricDifference,
  type RunDiff,
} from './pipeline/diff-runs.ts';
export { isJournalDamaged, listRuns, type RunStanding } from './run/list-runs.ts';
export {
  runPipeline,
  watchPipeline,
  type RunOutcome,
  type RunPipelineOptions,
} from './pipeline/run-pipeline.ts';
export {
  openSweep,
  runSweep,
  type RunSweepOptions,
  type SweepDefinition,
  type SweepEvent,
  type SweepOutcome,
  type SweepPlace,
} from './sweep/run-sweep.ts';
export { armTable, trialsCsv, type Table } from './sweep/result-table.ts';
export type { ArmResult, TrialResult } from './sweep/results.ts';
export type { Mode, Objective, Trial } from './sweep/trial.ts';
export type { Interval95 } from './sweep/t-interval.ts';
export { STOP_WITH_PARENT, tellSweep } from './sweep/trial-process.ts';
export type { Ablation } from './schema/pipeline-schema.ts';
export { describedMetrics } from './schema/described-metrics.ts';
export { measuringStages } from './pipeline/measuring-stages.ts';
export { exampleVersions, type ExampleVersionsOptions } from './pipeline/example-versions.ts';
export type { RowVersions } from './data/row-versions.ts';
