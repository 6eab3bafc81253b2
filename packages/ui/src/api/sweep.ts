/** `GET /api/sweeps/:id`: what the trials of a sweep came to so far. */
import type { RunStatus } from './runs.ts';

export interface SweepView {
  readonly id: string;
  readonly name: string;
  readonly folder: string;
  readonly startedAt: string;
  /** What sorts the arms; absent while no trial has a metric. */
  readonly metric?: string;
  readonly mode: 'max' | 'min';
  /** Options that the trials vary, the seed last. */
  readonly options: readonly string[];
  /** Metrics that at least one trial has. */
  readonly metrics: readonly string[];
  /** Those of them that are from 0 to 1 and shown in percent. */
  readonly shares: readonly string[];
  /** The best first. */
  readonly arms: readonly ArmView[];
  readonly trials: readonly TrialView[];
}

/** Trials that differ in their seed only. */
export interface ArmView {
  readonly values: Readonly<Record<string, string>>;
  readonly metrics: Readonly<Record<string, IntervalView>>;
  readonly minutes: number;
  readonly done: number;
  /** Ids of its trials. */
  readonly trials: readonly string[];
}

export interface IntervalView {
  readonly n: number;
  readonly mean: number;
  /** Half of the 95 % t-interval; null for a single trial. */
  readonly halfWidth: number | null;
}

export interface TrialView {
  readonly id: string;
  readonly values: Readonly<Record<string, string>>;
  readonly status: RunStatus;
  /** Why it failed. */
  readonly reason?: string;
  readonly metrics: Readonly<Record<string, number>>;
  readonly minutes?: number;
  /** Its run, once it has started. */
  readonly runId?: string;
  readonly step?: number;
  readonly totalSteps?: number;
}
