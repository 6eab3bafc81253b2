/** Public names of @eddy/core, listed one by one: an addition is a visible decision. */
export { EddyError, type ErrorFacts } from '@eddy/tensor/errors';
export { formatBytes } from './config/byte-size.ts';
export type {
  DeviceTree,
  CompileOptions,
  Engine,
  EngineInfo,
  Executable,
  ExecutableStats,
  MemoryStats,
  Pace,
  ProcessMemory,
  RunOptions,
} from './contracts/engine.ts';
export { deviceAbsent } from './engine/errors.ts';
export { stageUnknown } from './pipeline/errors.ts';
export type {
  Batch,
  Initializer,
  MetricKind,
  Model,
  ParameterSpec,
  ReferenceTensor,
  StepArguments,
  StepResult,
  TableSpec,
} from './contracts/model.ts';
export { initialise } from './model/initialise.ts';
export { fromStateDict, toStateDict } from './model/state-dict.ts';
export type {
  Averager,
  Optimizer,
  Progress,
  RowOptimizer,
  Scheduled,
} from './contracts/optimizer.ts';
export { randomStream, type RandomStream } from './random/random-stream.ts';
export type {
  AskedPuzzle,
  AskedPuzzles,
  Augmentation,
  DatasetMetadata,
  DatasetShape,
  DatasetSource,
  Example,
  ExampleBuffer,
  ExampleSymmetries,
  HostBatch,
  MetadataWithoutSizes,
  Puzzle,
  PuzzleGroup,
  Split,
  RenderedVersion,
  SplitMetadata,
  StreamedGroup,
  TaskAugmentation,
} from './contracts/dataset.ts';
export {
  contentOf,
  openDataset,
  writeDataset,
  type DatasetContent,
  type StoredDataset,
} from './data/dataset-store.ts';
export {
  totalSteps,
  trainingBatches,
  type TrainingBatch,
  type TrainingBatchesOptions,
} from './data/sampler.ts';
export {
  versionedSplit,
  type AttachedAugmentation,
  type VersionPlan,
} from './data/versioned-split.ts';
export type { VersionedSplit } from './contracts/versioned-split.ts';
export { evaluationBatches, type EvaluationRows } from './data/evaluation-batches.ts';
export { compareSplits, type Comparison } from './data/leakage.ts';
export type { LeakageReport } from './contracts/events.ts';
export { BatchBuffers } from './data/batch-buffers.ts';
export { materialisedGroups } from './data/materialise.ts';
export { datasetOf, type DatasetArtifact } from './data/dataset-artifact.ts';
export { ahead } from './data/ahead.ts';
export type {
  EvaluationBatch,
  EvaluationResult,
  EvaluationStart,
  Evaluator,
} from './contracts/evaluator.ts';
export type { SettingResult } from './contracts/events.ts';
export { TRACE_FILE, type EvaluationTrace, type TracedExample } from './evaluate/trace.ts';
export {
  latestCheckpoint,
  listCheckpoints,
  loadCheckpoint,
  saveCheckpoint,
  type Checkpoint,
  type CheckpointContents,
  type RetentionPolicy,
  type SavedCheckpoint,
} from './checkpoint/checkpoint.ts';
export { type CheckpointManifest, type JsonValue } from './checkpoint/manifest.ts';
export {
  readHostFile,
  readHostTree,
  readSafetensors,
  toHostTensor,
  writeSafetensors,
  type SafetensorsFile,
  type SafetensorsTensor,
  type WrittenFile,
} from './checkpoint/safetensors.ts';
export { SAFETENSORS_BYTES, type SafetensorsDType } from './checkpoint/safetensors-header.ts';
export { SafetensorsRows } from './checkpoint/safetensors-rows.ts';
export { findCheckpoint } from './checkpoint/find-checkpoint.ts';
export {
  IDENTITY_METADATA,
  modelInMetadata,
  type ModelIdentity,
} from './checkpoint/model-identity.ts';
export { sha256OfFile } from './files/digest.ts';
export { refuseGitLfsPointer, refuseGitLfsPointerFile } from './files/git-lfs.ts';
export { piecesOf, readFully } from './files/pieces.ts';
export { stateHash } from './checkpoint/state-hash.ts';
export { readJournal } from './run/journal.ts';
export { toJson } from './run/json.ts';
export { acquireRunLock } from './run/lock.ts';
export type { RunLock } from './run/lock-file.ts';
export { openRunFolder, type RunFolder, type RunManifest } from './run/run-folder.ts';
export {
  createStopSignal,
  EXIT_STOPPED,
  type StopController,
  type StopOptions,
} from './run/stop.ts';
export { evaluationSet, trainingSet } from './run/evaluation-set.ts';
export type {
  PlannedCandidate,
  RunEvent,
  RunEventBody,
  RunSummary,
  TrainingPlan,
} from './contracts/events.ts';
export type {
  ArtifactStore,
  EventBus,
  PartDescription,
  PartFactory,
  PluginReference,
  StageServices,
  StageView,
  StopSignal,
} from './contracts/services.ts';
export type { Logger } from './contracts/logger.ts';
export type { Artifact, Stage } from './contracts/stage.ts';
export { cancellable } from './stages/cancellable.ts';
export { definePlugin, type ConfigProblem, type Plugin } from './contracts/plugin.ts';
export type { PluginContracts, PluginKind } from './contracts/kinds.ts';
export type { ServiceName, Services } from './contracts/services.ts';
export { partReference } from './plugin/part-reference.ts';
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
export type { LiveCheckpoint } from './train/session/checkpoint-artifact.ts';
export { ConfigInvalid, type Problem } from './config/problem.ts';
export { toPlain, type ConfigNode, type Origin, type Path } from './config/config-node.ts';
export { parseOverride, type Override } from './config/override-grammar.ts';
export { OverrideSyntaxError, type OverrideValue } from './config/override-value.ts';
export { nameOfFile } from './config/pipeline-name.ts';
export { readYamlFile } from './config/read-yaml.ts';
export { nearest } from './config/nearest.ts';
export { pipelineJsonSchema } from './schema/json-schema.ts';
export { printConfig } from './config/print-config.ts';
export { projectRootOf } from './config/project-paths.ts';
export {
  resolveConfig,
  type ResolvedPipeline,
  type ResolveOptions,
} from './schema/resolve-config.ts';
export { readSettings, type Settings } from './config/settings.ts';
export type { ResolvedPart } from './schema/validate.ts';
export {
  openRegistry,
  type BuiltinPackages,
  type DeclaredPlugins,
  type PluginEntry,
  type PluginRegistry,
} from './plugin/registry.ts';
export { explainStages, type StageExplanation } from './pipeline/explain-stages.ts';
export type { Selection } from './pipeline/open-stages.ts';
export { buildDataset, type BuildDatasetOptions } from './pipeline/build-dataset.ts';
export { planPipeline, type PlanPipelineOptions } from './pipeline/plan-pipeline.ts';
export { measuringStages } from './pipeline/measuring-stages.ts';
export { pipelineFileOf } from './pipeline/pipeline-of-weights.ts';
export {
  diffRuns,
  type Difference,
  type DiffOptions,
  type MetricDifference,
  type RunDiff,
} from './pipeline/diff-runs.ts';
export { listRuns, type RunStanding } from './run/list-runs.ts';
export {
  averageCheckpoints,
  type AveragedCheckpoint,
  type AverageOptions,
} from './pipeline/average-checkpoints.ts';
export {
  importStateDict,
  type ImportedCheckpoint,
  type ImportOptions,
} from './pipeline/import-state-dict.ts';
export {
  openStoredModel,
  type StoredModel,
  type StoredModelOptions,
} from './pipeline/stored-model.ts';
export { predictPuzzles, type PredictOptions, type Prediction } from './pipeline/predict-puzzle.ts';
export {
  runPipeline,
  watchPipeline,
  type RunOutcome,
  type RunPipelineOptions,
} from './pipeline/run-pipeline.ts';
export { formatMetric, isHeadline } from './run/metric.ts';
export {
  openSweep,
  runSweep,
  type RunSweepOptions,
  type SweepDefinition,
  type SweepEvent,
  type SweepOutcome,
  type SweepPlace,
} from './sweep/run-sweep.ts';
export { isSweepFolder, openSweepFolder, type SweepFolder } from './sweep/sweep-folder.ts';
export { armTable, trialsCsv, type Table } from './sweep/result-table.ts';
export type { ArmResult, SweepResults, TrialResult } from './sweep/results.ts';
export type { Mode, Objective, Trial } from './sweep/trial.ts';
export type { Interval95 } from './sweep/t-interval.ts';
export { LEASH } from './sweep/trial-process.ts';
export type { Ablation } from './schema/pipeline-schema.ts';
