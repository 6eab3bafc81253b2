/** What the author of a plugin needs of @eddy/core, name by name: an addition is a visible decision. */
export { EddyError } from '@eddy/tensor/errors';
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
  ParsedPuzzles,
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
export type { VersionedSplit } from './contracts/versioned-split.ts';
export { datasetOf, type DatasetArtifact } from './data/dataset-artifact.ts';
export type {
  EvaluationBatch,
  EvaluationResult,
  EvaluationStart,
  Evaluator,
} from './contracts/evaluator.ts';
export type { RunEvent, RunEventBody, RunSummary, TrainingPlan } from './contracts/events.ts';
export type {
  ArtifactStore,
  EventBus,
  PartDescription,
  PartFactory,
  PluginReference,
  StageServices,
  StageView,
  StopSignal,
  ServiceName,
  Services,
} from './contracts/services.ts';
export type { Logger } from './contracts/logger.ts';
export type { Artifact, KeptResult, Stage } from './contracts/stage.ts';
export type { ConfigProblem } from './contracts/config-problem.ts';
export { definePlugin, type Plugin } from './contracts/plugin.ts';
export type { PluginKind } from './contracts/kinds.ts';
export { partReference } from './plugin/part-reference.ts';
export type { LiveCheckpoint } from './train/session/checkpoint-artifact.ts';
export { cancellable } from './stages/cancellable.ts';
export { keptStage } from './stages/kept-stage.ts';
