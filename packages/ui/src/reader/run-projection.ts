/** One run as its journal tells it, kept up to date by reading what is appended. */
import { join } from 'node:path';

import { trainingSet } from '@eddy/core/report';
import { openRunFolder, type RunManifest } from '@eddy/core/report';

import type { RunHead, RunView, StepsChange } from '../api/run.ts';
import type { RunStatus } from '../api/runs.ts';
import { lowerBound } from './column.ts';
import { JournalTail } from './journal-tail.ts';
import { parseEvent } from './parse-event.ts';
import { RunEvents } from './run-events.ts';
import { statusOf } from './run-status.ts';
import { recentStepMs, timeLeftMs } from './time-left.ts';
import { TrainingColumns } from './training-columns.ts';
import { trendOf } from './trend.ts';

/** What a refresh brought. */
export interface ProjectionChange {
  /** If true, the past changed: all that was read before is void. */
  readonly rewritten: boolean;
  /** Types of new events other than steps, each once. */
  readonly events: readonly string[];
  readonly steps: readonly StepsChange[];
}

/** The last training steps of a change; a client that is told of more fetches the series again. */
const MAX_STEPS_TOLD = 2000;

export class RunProjection {
  readonly path: string;
  readonly #tail: JournalTail;
  #manifest!: RunManifest;
  #events = new RunEvents();
  #trainings = new Map<string, TrainingColumns>();
  #lastTraining: string | undefined;
  #elapsedMs = 0;
  #unreadable = 0;
  #status: RunStatus = 'interrupted';
  /** Refreshes under way and done: one at a time. */
  #refreshing: Promise<unknown> = Promise.resolve();

  constructor(path: string) {
    this.path = path;
    this.#tail = new JournalTail(join(path, 'journal.jsonl'));
  }

  /**
   * Reads what is new. Other work of the process goes on between chunks of a long journal.
   *
   * @throws RUN_NOT_FOUND, RUN_MANIFEST_INVALID
   */
  refresh(): Promise<ProjectionChange> {
    const refreshed = this.#refreshing.then(() => this.#readNew());
    this.#refreshing = refreshed.catch(() => undefined);
    return refreshed;
  }

  get trainings(): ReadonlyMap<string, TrainingColumns> {
    return this.#trainings;
  }

  get events(): RunEvents {
    return this.#events;
  }

  get manifest(): RunManifest {
    return this.#manifest;
  }

  head(id: string): RunHead {
    const training = this.#training();
    const stepMs = training && recentStepMs(training);
    const isRunning = this.#status === 'running';
    const step = training?.steps.last;
    const left = isRunning && training ? timeLeftMs(training) : undefined;
    const trend = training && trendOf(training);
    const silentMs = isRunning ? this.#silentMs(stepMs) : undefined;
    const { finished } = this.#events;
    return {
      id,
      status: this.#status,
      ...(finished?.error === undefined ? {} : { error: finished.error }),
      ...(training === undefined || step === undefined
        ? {}
        : { step, totalSteps: training.totalSteps, epoch: training.epoch }),
      elapsedMs: this.#elapsedMs,
      ...(left === undefined ? {} : { timeLeftMs: left }),
      ...(stepMs === undefined ? {} : { stepMs }),
      ...(silentMs === undefined ? {} : { silentMs }),
      activeStages: isRunning ? this.#events.activeStages : [],
      ...(trend === undefined ? {} : { trend }),
    };
  }

  view(id: string, folder: string): RunView {
    const events = this.#events;
    const { name, startedAt, host, versions, engine } = this.#manifest;
    const config = Object(events.summary?.config) as Record<string, unknown>;
    const { description } = config;
    const precision = events.summary?.precision;
    const { headline } = events;
    const cut = this.#status === 'running' || this.#status === 'done' ? undefined : this.#status;
    return {
      head: this.head(id),
      name,
      folder,
      startedAt,
      host,
      versions,
      ...(typeof description === 'string' ? { description } : {}),
      ...(engine === undefined ? {} : { engine }),
      ...(typeof precision === 'string' ? { precision } : {}),
      stages: events.stagesOf(stagesIn(config), cut === 'failed' ? 'failed' : cut && 'stopped'),
      plans: [...events.plans].map(([training, plan]) => ({ training, plan })),
      ...(events.compileMs === undefined ? {} : { compileMs: events.compileMs }),
      metrics: events.summary?.metrics ?? {},
      ...(headline === undefined ? {} : { headline }),
      evaluations: events.evaluations,
      checkpoints: events.checkpoints,
      notes: events.notes,
      leakage: [...events.leakage.values()],
      compute: [...events.compute.values()],
      trainings: [...this.#trainings].map(([set, { metrics }]) => ({
        set,
        metrics: [...metrics.keys()],
      })),
      nonFinite: [...this.#trainings].flatMap(([set, { firstNonFinite }]) =>
        firstNonFinite === undefined ? [] : [{ set, ...firstNonFinite }],
      ),
      resumes: events.resumes,
      unreadableLines: this.#unreadable,
    };
  }

  async #readNew(): Promise<ProjectionChange> {
    ({ manifest: this.#manifest } = await openRunFolder(this.path));
    const types = new Set<string>();
    const before = new Map([...this.#trainings].map(([set, { steps }]) => [set, steps.last ?? 0]));
    let rewritten = false;
    const forget = () => {
      rewritten = true;
      this.#events = new RunEvents();
      this.#trainings = new Map();
      this.#elapsedMs = this.#unreadable = 0;
    };
    for (const lines of this.#tail.read(forget)) {
      for (const line of lines.toString('utf8').split('\n')) {
        if (line !== '') this.#addLine(line, types);
      }
      await new Promise(setImmediate);
    }
    const status = await statusOf(this.path, this.#events.finished?.status);
    if (status !== this.#status) types.add('status');
    this.#status = status;
    return { rewritten, events: [...types], steps: rewritten ? [] : this.#newSteps(before) };
  }

  #addLine(line: string, types: Set<string>): void {
    const event = parseEvent(line);
    if (event === undefined) {
      this.#unreadable++;
      return;
    }
    this.#elapsedMs = event.timeMs;
    if (event.type !== 'step-finished') {
      types.add(event.type);
      this.#events.add(event);
      return;
    }
    const set = trainingSet(event);
    let training = this.#trainings.get(set);
    if (training === undefined) {
      this.#trainings.set(set, (training = new TrainingColumns()));
      types.add('training-started');
    }
    if (event.step <= (training.steps.last ?? -Infinity)) types.add('rolled-back');
    training.add(event.step, event.timeMs, event.stepMs, event.metrics);
    training.totalSteps = event.totalSteps;
    training.epoch = event.epoch;
    this.#lastTraining = set;
  }

  #newSteps(before: ReadonlyMap<string, number>): StepsChange[] {
    return [...this.#trainings].flatMap(([set, training]) => {
      const steps = training.steps.values;
      const from = Math.max(
        lowerBound(steps, (before.get(set) ?? 0) + 1),
        steps.length - MAX_STEPS_TOLD,
      );
      if (from >= steps.length) return [];
      const metrics = [...training.metrics.keys()].map((name) => {
        const values = training.valuesOf(name)!.subarray(from);
        return [name, Array.from(values, (value) => (Number.isFinite(value) ? value : null))];
      });
      return [
        {
          set,
          steps: Array.from(steps.subarray(from)),
          metrics: Object.fromEntries(metrics) as StepsChange['metrics'],
        },
      ];
    });
  }

  #training(): TrainingColumns | undefined {
    return this.#lastTraining === undefined ? undefined : this.#trainings.get(this.#lastTraining);
  }

  /** Longer than a minute and than twenty steps without an event is worth a word. */
  #silentMs(stepMs: number | undefined): number | undefined {
    const silentMs = new Date().getTime() - this.#tail.modifiedMs;
    return silentMs > Math.max(60_000, 20 * (stepMs ?? 0)) ? silentMs : undefined;
  }
}

/** Keys of a pipeline file that hold a stage: an object with `use`, or one of the usual names. */
function stagesIn(config: Record<string, unknown>): string[] {
  return Object.keys(config).filter((key) => {
    const value = config[key];
    return typeof value === 'object' && value !== null && 'use' in value && key !== 'engine';
  });
}
