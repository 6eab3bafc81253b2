/** Evaluators see every test batch with the model's outputs and end with a table of numbers. */
import type { DatasetMetadata, HostBatch } from '../data/dataset.ts';
import type { HostTree } from '../tensor/spec.ts';

export interface EvaluationBatch extends HostBatch {
  /** Index in the split of the first row. */
  readonly firstExample: number;
  /** Ratings of the rows, where the data has them. */
  readonly ratings: Float32Array | null;
  /** The model's outputs by the names in `requiredOutputs`. */
  readonly outputs: HostTree;
}

export interface EvaluationResult {
  readonly metrics: Readonly<Record<string, number>>;
  /** Files written below the evaluation's folder. */
  readonly files?: readonly string[];
}

export interface Evaluator {
  /** Names of model outputs, e.g. `preds`, `q_halt_logits`. */
  readonly requiredOutputs: readonly string[];
  begin(evaluation: {
    readonly step: number;
    readonly split: string;
    readonly folder: string;
    readonly dataset: DatasetMetadata;
  }): void;
  update(batch: EvaluationBatch): void;
  result(): Promise<EvaluationResult> | EvaluationResult;
}
