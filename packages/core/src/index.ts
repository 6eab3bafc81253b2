/** Public names of @eddy/core, listed one by one: an addition is a visible decision. */
export { EddyError, InternalError, type ErrorFacts } from './errors.ts';
export {
  BYTES_PER_ELEMENT,
  bytesOf,
  sizeOf,
  zeros,
  type DType,
  type HostTensor,
  type HostTree,
  type SpecTree,
  type TensorSpec,
} from './tensor/spec.ts';
export {
  bfloat16,
  noGradient,
  PRECISION_KERNEL,
  REPEAT_KERNEL,
  repeat,
  type RepeatBody,
} from './tensor/ops.ts';
export type {
  DeviceTree,
  Engine,
  EngineInfo,
  Executable,
  ExecutableStats,
  MemoryStats,
  Precision,
  Program,
  ProgramResult,
  RunOptions,
  TensorTree,
} from './engine/engine.ts';
export type {
  Batch,
  Initializer,
  MetricKind,
  Model,
  ParameterSpec,
  StepArguments,
  StepResult,
  TableSpec,
} from './model/model.ts';
export type {
  Averager,
  Optimizer,
  Progress,
  RowOptimizer,
  Scheduled,
} from './optimizer/optimizer.ts';
export { randomStream, type RandomStream } from './random/random-stream.ts';
export type {
  Augmentation,
  DatasetMetadata,
  DatasetShape,
  DatasetSource,
  Example,
  HostBatch,
  Puzzle,
  PuzzleGroup,
  Split,
  SplitMetadata,
} from './data/dataset.ts';
export {
  openDataset,
  writeDataset,
  type MetadataWithoutSizes,
  type StoredDataset,
} from './data/dataset-store.ts';
export {
  totalSteps,
  trainingBatches,
  type AttachedAugmentation,
  type TrainingBatch,
  type TrainingBatchesOptions,
} from './data/sampler.ts';
export { evaluationBatches, type EvaluationRows } from './data/evaluation-batches.ts';
export { ahead } from './data/ahead.ts';
export type { EvaluationBatch, EvaluationResult, Evaluator } from './evaluate/evaluator.ts';
export type { RunEvent, RunEventBody, RunSummary, TrainingPlan } from './run/events.ts';
export type {
  ArtifactStore,
  EventBus,
  PartFactory,
  PluginReference,
  StageServices,
  StopSignal,
} from './run/services.ts';
export type { Logger } from './logger/logger.ts';
export type { Artifact, Stage } from './pipeline/stage.ts';
export {
  definePlugin,
  PLUGIN_KINDS,
  type ConfigProblem,
  type Plugin,
  type PluginContracts,
  type PluginKind,
  type ServiceName,
  type Services,
} from './plugin/plugin.ts';
export { optionsOf, partReference } from './plugin/part-reference.ts';
