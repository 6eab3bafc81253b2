/** Evaluators see every test batch with the model's outputs and end with a table of numbers. */
import type { DatasetMetadata, HostBatch, MetadataWithoutSizes } from './dataset.ts';
import type { VersionedSplit } from './versioned-split.ts';
import type { HostTree } from '@eddy/tensor/spec';

export interface EvaluationBatch extends HostBatch {
  /** Index in the split of the first row. */
  readonly firstExample: number;
  /** Ratings of the rows, where the data has them. */
  readonly ratings: Float32Array | null;
  /** The model's outputs by the names in `requiredOutputs`, and those in `optionalOutputs` that it has. */
  readonly outputs: HostTree;
}

export interface EvaluationResult {
  readonly metrics: Readonly<Record<string, number>>;
  /** Files written below the evaluation's folder. */
  readonly files?: readonly string[];
}

/** What is going to be evaluated. */
export interface EvaluationStart {
  readonly step: number;
  readonly split: string;
  /** Where the evaluator may put files. */
  readonly folder: string;
  readonly dataset: DatasetMetadata;
  /** index → name of puzzle identifiers. */
  readonly identifiers: readonly string[];
  /** The split behind the batches, whole even where only some examples are evaluated. */
  readonly examples: VersionedSplit;
  /** Folders of the evaluations of this split at earlier steps of the same training, in order. */
  readonly earlierFolders: readonly string[];
}

export interface Evaluator {
  /** Names of model outputs, e.g. `preds`, `q_halt_logits`. */
  readonly requiredOutputs: readonly string[];
  /** Names of outputs that the evaluator reads where the model has them. */
  readonly optionalOutputs?: readonly string[];
  /**
   * Refuses a dataset that the evaluator cannot measure, such as one of another task: `validate`, `plan` and the start
   * of a run call it. @throws an error that says which dataset it measures
   */
  requireDataset?(dataset: MetadataWithoutSizes): void;
  begin(evaluation: EvaluationStart): void | Promise<void>;
  update(batch: EvaluationBatch): void;
  result(): Promise<EvaluationResult> | EvaluationResult;
}
