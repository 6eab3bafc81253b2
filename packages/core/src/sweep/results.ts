/** What the trials of a sweep came to: one result a trial, one row an arm. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { evaluationSet } from '../run/evaluation-set.ts';
import type { RunEvent } from '../contracts/events.ts';
import { readJournal } from '../run/journal.ts';
import { isHeadline, isShare, metricDescriptionsOf } from '../run/metric.ts';
import type { TrialEnd } from './sweep-journal.ts';
import { trialFolder, type SweepFolder } from './sweep-folder.ts';
import { interval95, type Interval95 } from './t-interval.ts';
import { SEED, type Mode, type Trial } from './trial.ts';

export interface TrialResult {
  readonly id: string;
  readonly values: Readonly<Record<string, string>>;
  readonly status: 'done' | 'failed' | 'unfinished';
  /** Why it failed. */
  readonly reason?: string;
  /** Of the chosen or the last checkpoint on each split, and of the last training step as `train/…`. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Of the run's clock, pauses left out. */
  readonly minutes: number;
  readonly folder: string;
}

/** Trials that differ in their seed only. */
export interface ArmResult {
  readonly values: Readonly<Record<string, string>>;
  /** Over the trials that are done. */
  readonly metrics: Readonly<Record<string, Interval95>>;
  readonly minutes: number;
  readonly done: number;
  readonly trials: readonly string[];
}

export interface SweepResults {
  readonly name: string;
  readonly folder: string;
  /** What sorts the arms; undefined when no trial has a metric. */
  readonly metric?: string;
  readonly mode: Mode;
  /** In the order of the sweep. */
  readonly trials: readonly TrialResult[];
  /** The best first. */
  readonly arms: readonly ArmResult[];
  /** Metrics, by the names that they have here, that are from 0 to 1 and shown in percent. */
  readonly shares: readonly string[];
}

/** Results as they stand at each call. The journal of a trial that has ended is read once. */
export function resultCollector(
  sweep: SweepFolder,
  ended: ReadonlyMap<string, TrialEnd>,
): () => SweepResults {
  const known = new Map<string, TrialResult>();
  const shares = new Set<string>();
  const resultOf = (trial: Trial): TrialResult => {
    const result =
      known.get(trial.id) ?? trialResult(sweep.path, trial, ended.get(trial.id), shares);
    if (result.status !== 'unfinished') known.set(trial.id, result);
    return result;
  };
  return () => summarise(sweep, sweep.manifest.trials.map(resultOf), [...shares]);
}

function summarise(
  { path, manifest }: SweepFolder,
  trials: readonly TrialResult[],
  shares: readonly string[],
): SweepResults {
  const metric = manifest.objective.metric ?? defaultMetric(trials);
  const { mode } = manifest.objective;
  return {
    name: manifest.name,
    folder: path,
    ...(metric === undefined ? {} : { metric }),
    mode,
    trials,
    arms: sortArms(armsOf(trials), metric, mode),
    shares,
  };
}

/** @param shares  gets the names of metrics that are shares. */
function trialResult(
  sweepPath: string,
  trial: Trial,
  end: TrialEnd | undefined,
  shares: Set<string>,
): TrialResult {
  const folder = trialFolder(sweepPath, trial.id);
  const journalPath = join(folder, 'journal.jsonl');
  // A trial that has not ended may be writing its journal.
  const events = end !== undefined && existsSync(journalPath) ? readJournal(journalPath) : [];
  return {
    id: trial.id,
    values: trial.values,
    status: end?.status ?? 'unfinished',
    ...(end?.reason === undefined ? {} : { reason: end.reason }),
    metrics: finalMetrics(events, shares),
    minutes: (events.at(-1)?.timeMs ?? 0) / 60_000,
    folder,
  };
}

/**
 * Of the evaluations of the checkpoint that the monitor of its training chose, else of the last one of each
 * split; names get the split in front where there are several, and always where the weights are not the
 * training's own: `test (average).exact_accuracy`.
 */
function finalMetrics(events: readonly RunEvent[], shares: Set<string>): Record<string, number> {
  const described = metricDescriptionsOf(events);
  const named = (name: string, shown: string, value: number): [string, number] => {
    if (isShare(name, described)) shares.add(shown);
    return [shown, value];
  };
  const evaluations: Extract<RunEvent, { type: 'evaluation-finished' }>[] = [];
  /** Label of a training → the step that its monitor chose. */
  const chosen = new Map<string | undefined, number>();
  let training: Readonly<Record<string, number>> = {};
  for (const event of events) {
    if (event.type === 'step-finished') training = event.metrics;
    if (event.type === 'evaluation-finished') evaluations.push(event);
    if (event.type === 'monitor-updated' && event.best) chosen.set(event.label, event.best.step);
  }
  const sets = new Map<string, { step: number; isOwn: boolean; metrics: Record<string, number> }>();
  for (const evaluation of evaluations) {
    const { step, label, metrics } = evaluation;
    if (step !== (chosen.get(label) ?? step)) continue;
    const set = evaluationSet(evaluation);
    const before = sets.get(set);
    const same = before?.step === step ? before.metrics : {};
    sets.set(set, { step, isOwn: label === undefined, metrics: { ...same, ...metrics } });
  }
  const numOwn = [...sets.values()].filter(({ isOwn }) => isOwn).length;
  const evaluated = [...sets].flatMap(([set, { isOwn, metrics }]) =>
    Object.entries(metrics).map(([name, value]) =>
      named(name, isOwn && numOwn === 1 ? name : `${set}.${name}`, value),
    ),
  );
  const trained = Object.entries(training).map(([name, value]) => named(name, `train/${name}`, value)); // prettier-ignore
  return Object.fromEntries([...evaluated, ...trained]);
}

/** The share of puzzles solved, on data that chooses where there are some: arms are chosen by it, too. */
const USUAL_METRICS = ['validation.exact_accuracy', 'exact_accuracy', 'test.exact_accuracy'];

function defaultMetric(trials: readonly TrialResult[]): string | undefined {
  const names = trials.flatMap(({ metrics }) => Object.keys(metrics));
  const usual = USUAL_METRICS.find((name) => names.includes(name));
  return usual ?? names.find((name) => isHeadline(name)) ?? names[0];
}

function armsOf(trials: readonly TrialResult[]): ArmResult[] {
  const groups = new Map<string, TrialResult[]>();
  for (const trial of trials) {
    const { [SEED]: _seed, ...values } = trial.values;
    const key = JSON.stringify(values);
    groups.set(key, [...(groups.get(key) ?? []), trial]);
  }
  return [...groups].map(([key, members]) => {
    const done = members.filter(({ status }) => status === 'done');
    const names = new Set(done.flatMap(({ metrics }) => Object.keys(metrics)));
    const metrics = [...names].map((name) => {
      const values = done.flatMap((trial) => trial.metrics[name] ?? []);
      return [name, interval95(values)] as const;
    });
    return {
      values: JSON.parse(key) as Record<string, string>,
      metrics: Object.fromEntries(metrics),
      minutes: done.reduce((sum, { minutes }) => sum + minutes, 0) / Math.max(1, done.length),
      done: done.length,
      trials: members.map(({ id }) => id),
    };
  });
}

/** Arms without a number come last, in the order of the sweep. */
function sortArms(arms: ArmResult[], metric: string | undefined, mode: Mode): ArmResult[] {
  const rank = (arm: ArmResult) => {
    const mean = metric === undefined ? undefined : arm.metrics[metric]?.mean;
    if (mean === undefined || Number.isNaN(mean)) return -Infinity;
    return mode === 'max' ? mean : -mean;
  };
  return arms.toSorted((a, b) => {
    const [x, y] = [rank(a), rank(b)];
    return x === y ? 0 : y - x;
  });
}
