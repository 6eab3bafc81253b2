/**
 * A few examples of an evaluation, step by step: `evaluations/step-…/trace.json`, written by the
 * evaluate stage, drawn by reports. Tokens as the dataset stores them.
 */
export const TRACE_FILE = 'trace.json';

export interface EvaluationTrace {
  readonly format: 'eddy-trace/1';
  readonly step: number;
  readonly split: string;
  /** `sudoku`, `maze`, `arc`: tells how tokens are drawn. */
  readonly task: string;
  readonly rows: number;
  readonly cols: number;
  readonly examples: readonly TracedExample[];
}

export interface TracedExample {
  /** Index in the split. */
  readonly index: number;
  /** [rows × cols], as are `label` and `preds`. */
  readonly input: readonly number[];
  readonly label: readonly number[];
  /** One entry per supervision step, in order. */
  readonly steps: readonly {
    readonly preds: readonly number[];
    /** Logit of halting: above 0 the model takes its answer for right. Absent in a model that does not halt. */
    readonly qHalt?: number;
  }[];
}
