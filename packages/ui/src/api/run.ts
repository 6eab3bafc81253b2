/** `GET /api/runs/:id` and its series: one run. */
import type { TrainingPlan } from '@eddy/core';
import type { Headline, LeakageReport, MetricDescriptions, SettingResult } from '@eddy/core/report';

import type { RunStatus } from './runs.ts';

/** What changes while a run goes on; small, and sent with each change. */
export interface RunHead {
  readonly id: string;
  readonly status: RunStatus;
  readonly error?: { readonly code: string; readonly message: string };
  /** Of the training that advanced last. */
  readonly step?: number;
  readonly totalSteps?: number;
  readonly epoch?: number;
  /** On the run's clock, pauses left out. */
  readonly elapsedMs: number;
  readonly timeLeftMs?: number;
  /** Median time of the last steps. */
  readonly stepMs?: number;
  /** A running run that has written nothing for so long, where that is longer than usual. */
  readonly silentMs?: number;
  /** What the run does: the stages that started and did not finish. */
  readonly activeStages: readonly string[];
  readonly trend?: Trend;
}

/** Whether the training loss falls: the mean of the last tenth of the steps beside that of the tenth before. */
export interface Trend {
  readonly metric: string;
  readonly before: number;
  readonly now: number;
  /** `flat`: the difference is less than two standard errors. */
  readonly verdict: 'falling' | 'flat' | 'rising';
}

export interface StageView {
  readonly name: string;
  readonly state: 'waiting' | 'running' | 'done' | 'reused' | 'failed' | 'stopped';
  readonly startedMs?: number;
  /** From start to end, waiting for other stages included. */
  readonly durationMs?: number;
  /** The part in which the stage itself worked. */
  readonly busyMs?: number;
  /** Key of the result in the cache, where it was reused. */
  readonly reusedKey?: string;
}

export interface EvaluationView {
  readonly step: number;
  /** The split and whose weights: `test (average)`. */
  readonly set: string;
  readonly split: string;
  /** Whose weights, where the pipeline has several. */
  readonly label?: string;
  readonly examples: number;
  readonly durationMs: number;
  /** Not-a-number and infinities as the strings `NaN`, `Infinity`, `-Infinity`. */
  readonly metrics: Readonly<Record<string, number>>;
}

export interface CheckpointView {
  readonly step: number;
  readonly training: string;
  readonly bytes: number;
  readonly durationMs: number;
}

export interface NoteView {
  readonly timeMs: number;
  readonly level: 'info' | 'warning' | 'error';
  readonly text: string;
}

export interface ComputeView {
  readonly stage: string;
  readonly step: number;
  readonly split: string;
  readonly examples: number;
  readonly results: readonly SettingResult[];
}

export interface RunView {
  readonly head: RunHead;
  readonly name: string;
  /** As the user would name it in a command. */
  readonly folder: string;
  readonly startedAt: string;
  readonly host: string;
  readonly description?: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly engine?: { readonly name: string; readonly fingerprint: string };
  readonly precision?: string;
  readonly stages: readonly StageView[];
  /** Training → plan. */
  readonly plans: readonly { readonly training: string; readonly plan: TrainingPlan }[];
  readonly compileMs?: number;
  /** What the plugins of the run say of their metrics: for `describeMetric` of core. */
  readonly metrics: MetricDescriptions;
  /** The checkpoint that the run is judged by, and why that one. */
  readonly headline?: Headline;
  readonly evaluations: readonly EvaluationView[];
  readonly checkpoints: readonly CheckpointView[];
  /** Oldest first; the newest 500. */
  readonly notes: readonly NoteView[];
  readonly leakage: readonly {
    /** Milliseconds since the run began. */
    readonly timeMs: number;
    readonly text: string;
    readonly report: LeakageReport;
  }[];
  readonly compute: readonly ComputeView[];
  /** Trainings and the names of their metrics. */
  readonly trainings: readonly { readonly set: string; readonly metrics: readonly string[] }[];
  /** Metrics that were not finite: the first of each training. */
  readonly nonFinite: readonly {
    readonly set: string;
    readonly metric: string;
    readonly step: number;
  }[];
  /** Steps at which the run was resumed. */
  readonly resumes: readonly number[];
  readonly sweep?: { readonly id: string; readonly name: string; readonly trial: string };
  /** Lines of the journal that could not be read. */
  readonly unreadableLines: number;
}

/** `GET /api/runs/:id/series?set=train&metric=loss&from=&to=&points=&smoothing=` */
export interface SeriesView {
  readonly set: string;
  readonly metric: string;
  /** Steps of the points, ascending. */
  readonly steps: readonly number[];
  readonly values: readonly number[];
  /** The exponential moving average at the same steps; absent without smoothing. */
  readonly smooth?: readonly number[];
  /** Points of the whole series between `from` and `to`: more than `steps` if it was thinned. */
  readonly total: number;
  /** How the average goes on: its uncorrected value and the number of values in it. */
  readonly average?: { readonly sum: number; readonly count: number };
}

/** New steps of a training. */
export interface StepsChange {
  readonly set: string;
  readonly steps: readonly number[];
  /** Metric → a value for each step, null where there is none. */
  readonly metrics: Readonly<Record<string, readonly (number | null)[]>>;
}

/** `GET /api/runs/:id/config`: every option with the place that set it. */
export interface ConfigView {
  readonly entries: readonly ConfigEntry[];
  /** The file as text, itself runnable. */
  readonly text: string;
}

export interface ConfigEntry {
  readonly path: string;
  readonly value: string;
  /** `my.yml:4:3`, `override 1 "…"`, `default of model trm`; absent in runs of earlier versions. */
  readonly origin?: string;
}

/** `GET /api/runs/:id/why`: whether each stage's result would be reused now. */
export interface WhyView {
  readonly stages: readonly {
    readonly stage: string;
    readonly verdict: 'reused' | 'first' | 'changed' | 'lost' | 'unknown' | 'uncached';
    readonly key?: string;
    readonly changes: readonly string[];
  }[];
}

/** The answer of `POST /api/runs/:id/{stop,save,resume}`. */
export interface ActionView {
  readonly text: string;
}
