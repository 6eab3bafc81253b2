/** Datasets on disk and the batches made of them: for tools and benchmarks. */
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
export { evaluationBatches, type EvaluationRows } from './data/evaluation-batches.ts';
export { compareSplits, type Comparison } from './data/leakage.ts';
export { holdOutValidation } from './data/validation-split.ts';
export { BatchBuffers } from './data/batch-buffers.ts';
export { materialisedGroups } from './data/materialise.ts';
export { ahead } from './data/ahead.ts';
export { SplitRows, type SplitRow } from './data/split-rows.ts';
