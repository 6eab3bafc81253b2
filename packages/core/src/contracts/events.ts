/** What happens in a run, as one closed union. Loggers, progress and stages subscribe to it. */

import type { MetricDescriptions } from './metric.ts';
import type { MadeBy } from './usable.ts';

interface Timed {
  /** Milliseconds since the run started, from a monotonic clock. */
  readonly timeMs: number;
}

/** The training that an event belongs to; journals of earlier versions lack it. */
interface OfTraining {
  /** Key of its stage in the pipeline file. */
  readonly stage?: string;
  /** Tells it from the other trainings of the pipeline; absent where it is the only one. */
  readonly label?: string;
}

export type RunEvent = Timed & RunEventBody;

export type RunEventBody =
  | {
      readonly type: 'run-started';
      readonly run: RunSummary;
      /** How long the sessions before took that this one goes on from; absent in a new run. */
      readonly earlierMs?: number;
    }
  | {
      readonly type: 'run-finished';
      readonly status: 'done' | 'failed' | 'stopped';
      readonly error?: RunError;
    }
  | { readonly type: 'stage-started'; readonly stage: string }
  | {
      readonly type: 'stage-reused';
      readonly stage: string;
      readonly key: string;
      readonly path: string;
      /** The run that made it, where that is known. */
      readonly madeBy?: MadeBy;
    }
  | {
      readonly type: 'stage-finished';
      readonly stage: string;
      /** From its first input to its end, waiting included. */
      readonly durationMs: number;
      /** The part in which the stage itself worked; journals of earlier versions lack it. */
      readonly busyMs?: number;
    }
  /** Something countable advanced; `total` when known. */
  | {
      readonly type: 'progress';
      readonly stage: string;
      readonly label: string;
      readonly done: number;
      readonly total?: number;
    }
  | {
      readonly type: 'message';
      readonly level: 'info' | 'warning';
      readonly text: string;
      readonly stage?: string;
    }
  /** The leakage guard compared training data with test data; once for each set of test examples. */
  | {
      readonly type: 'leakage-checked';
      readonly stage: string;
      readonly report: LeakageReport;
      /** The report as a sentence. */
      readonly text: string;
    }
  /** The programs of a step are there (compiled, or from the cache); the first step is sent. */
  | ({
      readonly type: 'training-started';
      readonly step: number;
      readonly compileMs: number;
    } & OfTraining)
  /** After the first steps, whose time the plan is made of. */
  | ({
      readonly type: 'training-planned';
      readonly plan: TrainingPlan;
      /** True if it is the plan of another run, whose training this run reuses. */
      readonly isReused?: boolean;
    } & OfTraining)
  /** Metrics of one training step under the reference's names, without the `train/` prefix. */
  | ({
      readonly type: 'step-finished';
      readonly step: number;
      readonly totalSteps: number;
      readonly epoch: number;
      readonly metrics: Readonly<Record<string, number>>;
      readonly stepMs: number;
      /** True if another run did the step, whose training this run reuses. */
      readonly isReused?: boolean;
    } & OfTraining)
  | ({
      readonly type: 'checkpoint-saved';
      readonly step: number;
      readonly path: string;
      readonly bytes: number;
      readonly durationMs: number;
    } & OfTraining)
  | {
      readonly type: 'evaluation-started';
      readonly step: number;
      readonly split: string;
      /** Whose weights, where it must be said: `average`, or one of several trainings. */
      readonly label?: string;
      readonly examples: number;
    }
  | {
      readonly type: 'evaluation-finished';
      readonly step: number;
      readonly split: string;
      readonly label?: string;
      readonly examples: number;
      /** Rows of a call, on which metrics depend that count padded rows; journals of earlier versions lack it. */
      readonly batchSize?: number;
      readonly metrics: Readonly<Record<string, number>>;
      /** Split whose evaluations chose this checkpoint, where a user asked for the best one of another run. */
      readonly chosenOn?: string;
      readonly durationMs: number;
      readonly folder: string;
      /** True if another run measured it, whose training this run reuses. */
      readonly isReused?: boolean;
    }
  /**
   * The monitor of a training (`train.monitor`) took in the evaluation of a checkpoint. Emitted after the
   * evaluations of that checkpoint, once for each checkpoint.
   */
  | ({ readonly type: 'monitor-updated' } & MonitorUpdate & OfTraining)
  /** Accuracy against compute, a point for each setting (stage `test-time-compute`). */
  | {
      readonly type: 'compute-measured';
      readonly stage: string;
      readonly label?: string;
      readonly step: number;
      readonly split: string;
      readonly examples: number;
      readonly results: readonly SettingResult[];
      /** As in `evaluation-finished`. */
      readonly chosenOn?: string;
      readonly durationMs: number;
      readonly folder: string;
    }
  | ({ readonly type: 'resumed'; readonly step: number; readonly path: string } & OfTraining)
  | ({
      readonly type: 'engine-died';
      readonly reason: string;
      readonly restart: number;
    } & OfTraining);

/** What a monitor watches, and which of two values is the better one. */
export interface MonitoredMetric {
  /** Name of the metric as evaluations report it. */
  readonly metric: string;
  readonly split: string;
  readonly mode: 'min' | 'max';
}

/** A checkpoint's value of the monitored metric, and what has become of the choice. */
export interface MonitorUpdate extends MonitoredMetric {
  /** Step of the checkpoint that was evaluated. */
  readonly step: number;
  readonly value: number;
  /** The best checkpoint so far; absent while no value was finite. */
  readonly best?: { readonly step: number; readonly value: number };
  /** Evaluations since the best one. */
  readonly waited: number;
  /** Evaluations without improvement after which the training ends; absent where it does not. */
  readonly patience?: number;
  /** True if the training ends here, because `waited` has reached `patience`. */
  readonly stops: boolean;
}

/** What ended a run; journals of earlier versions have only code and message. */
export interface RunError {
  readonly code: string;
  readonly message: string;
  readonly at?: string;
  readonly expected?: string;
  readonly received?: string;
  /** What to type or change. */
  readonly fix?: string;
}

export interface RunSummary {
  readonly name: string;
  readonly id: string;
  readonly folder: string;
  readonly engine: string;
  readonly precision: string;
  readonly config: unknown;
  readonly startedAt: string;
  /** Processor, cores, memory and system in words; journals of earlier versions lack it. */
  readonly machine?: string;
  /** What the plugins of the pipeline say of their metrics; journals of earlier versions lack it. */
  readonly metrics?: MetricDescriptions;
}

/** A way to cut a step into micro-batches. */
export interface PlannedCandidate {
  readonly microBatchSize: number;
  readonly recompute: boolean;
  /** Where the engine says how much a step takes. */
  readonly memoryBytes?: number;
  /** The memory is the compiler's, not extrapolated from other sizes. */
  readonly isMeasured: boolean;
  /** Estimated time of a step, that of the chosen one being 1. */
  readonly relativeTime: number;
  readonly fits: boolean;
  readonly isChosen: boolean;
}

/** The screen after the first steps; `pipeline plan` prints it without running. */
/** What a training writes. */
export interface PlannedDisk {
  readonly checkpointBytes: number;
  /** The most that lie there at once. */
  readonly checkpoints: number;
  /** The dataset, in the cache. */
  readonly dataBytes: number;
  /** Where the run lies; undefined where the system does not say. */
  readonly freeBytes?: number;
}

export interface TrainingPlan {
  readonly parameters: number;
  readonly parameterGroups: Readonly<Record<string, number>>;
  readonly totalSteps: number;
  readonly globalBatchSize: number;
  readonly microBatchSize: number;
  /** Activations are computed again in the backward pass. */
  readonly recompute?: boolean;
  readonly engine: string;
  readonly precision: string;
  readonly memoryBytes: number;
  readonly memoryLimitBytes: number;
  /** What the choice of micro-batch and recomputation was made for. */
  readonly memoryBudgetBytes?: number;
  /** Ways to cut the step that came into question, if there was a choice. */
  readonly candidates?: readonly PlannedCandidate[];
  /** Measured on a few real steps; unknown where the device is not here, and so is `totalMs`. */
  readonly stepMs?: number;
  readonly flopsPerStep?: number;
  readonly totalMs?: number;
  /** Evaluations and their time, as far as it was measured; part of `totalMs`. */
  readonly evaluations?: { readonly count: number; readonly durationMs: number };
  readonly disk?: PlannedDisk;
  readonly compileMs: number;
  readonly dataset: string;
  readonly folder: string;
}

/** What came of a comparison, as it is kept beside the data and reported. */
export interface LeakageReport {
  /** Whose symmetries. */
  readonly task: string;
  /** Where the test examples are from: `test`, or the dataset that was named. */
  readonly of: string;
  readonly examples: number;
  readonly leakedExamples: number;
  /** Groups with an example of their own among the leaked: tasks of ARC, single puzzles elsewhere. */
  readonly groups: number;
  readonly leakedGroups: number;
  /** Training groups that were left out for it. */
  readonly droppedGroups: number;
}

export type Choice = 'best-q' | 'mode';

/** One setting: one row of the table, one point of a curve. */
export interface ComputeSetting {
  readonly curve: string;
  readonly steps: number;
  readonly trajectories: number;
  readonly noise: number;
  readonly views: number;
  readonly halt: boolean;
  readonly choose: Choice;
}

export interface SettingResult extends ComputeSetting {
  /** Supervision steps of all trajectories of a puzzle together, on average. */
  readonly compute: number;
  readonly examples: number;
  /**
   * `accuracy` (cells) and `exact_accuracy` of the chosen answers; with several candidates
   * `exact_accuracy_best_q`, `exact_accuracy_mode` and, were the best one known, `exact_accuracy_any`;
   * then what the evaluators say.
   */
  readonly metrics: Readonly<Record<string, number>>;
}
