/** What a report shows, gathered from the events of a run. */
import {
  evaluationSet,
  headlineOf,
  affectsHeadline,
  type Headline,
  type MetricDescriptions,
} from '@eddy/core/report';
import type { RunEvent, RunSummary, TrainingPlan } from '@eddy/core';

import { Series } from './series.ts';

type EventOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;
export type EvaluationFinished = EventOf<'evaluation-finished'>;

/** One training of a run. */
export class Training {
  /** Absent where it is the only one. */
  readonly label: string | undefined;
  plan: TrainingPlan | null = null;
  last: EventOf<'step-finished'> | null = null;
  /** By the name of the metric. */
  readonly series: Map<string, Series> = new Map();
  totalStepMs = 0;
  /** True if another run did the steps, whose training this run reuses. */
  isReused = false;
  #steps = 0;

  constructor(label: string | undefined) {
    this.label = label;
  }

  add(event: EventOf<'step-finished'>): void {
    this.last = event;
    this.isReused = event.isReused === true;
    this.totalStepMs += event.stepMs;
    this.#steps++;
    const halted = event.metrics['count'] !== 0;
    for (const [name, value] of Object.entries(event.metrics)) {
      // A step in which no row halted has losses, but 0 for all that is counted per halted row.
      if (!halted && value === 0) continue;
      let series = this.series.get(name);
      if (series === undefined) this.series.set(name, (series = new Series()));
      series.add(event.step, value);
    }
  }

  /** Mean time of a step, ms; null before the first one. */
  get stepMs(): number | null {
    return this.#steps === 0 ? null : this.totalStepMs / this.#steps;
  }
}

/** A stage as it ran last. */
export interface StageRecord {
  readonly stage: string;
  readonly startedMs: number;
  readonly finished?: EventOf<'stage-finished'>;
  readonly reused?: EventOf<'stage-reused'>;
}

export class ReportData {
  run: RunSummary | null = null;
  /** Of the last session. */
  finished: EventOf<'run-finished'> | null = null;
  sessions = 0;
  lastMs = 0;
  readonly stages: Map<string, StageRecord> = new Map();
  readonly warnings: Set<string> = new Set();
  /** What the leakage guard said; a resumed run says it again. */
  readonly leakage: Map<string, EventOf<'leakage-checked'>> = new Map();
  readonly #trainings = new Map<string | undefined, Training>();
  /** By whose weights, split, step and folder: an evaluation that was repeated after a resume counts once. */
  readonly #evaluations = new Map<string, EvaluationFinished>();
  /** By stage and step. */
  readonly compute: Map<string, EventOf<'compute-measured'>> = new Map();
  readonly #judged: RunEvent[] = [];
  engineDeaths = 0;
  readonly #described: MetricDescriptions;

  /** @param described  what the run's plugins say of their metrics, where its journal does not have it */
  constructor(described: MetricDescriptions = {}) {
    this.#described = described;
  }

  add(event: RunEvent): void {
    this.lastMs = event.timeMs;
    if (affectsHeadline(event)) this.#judged.push(event);
    switch (event.type) {
      case 'run-started':
        this.run = event.run;
        this.finished = null;
        this.sessions++;
        break;
      case 'training-planned':
        this.#training(event.label).plan = event.plan;
        break;
      case 'step-finished':
        this.#training(event.label).add(event);
        break;
      case 'evaluation-finished':
        this.#evaluations.set(`${evaluationSet(event)}/${event.step}/${event.folder}`, event);
        break;
      case 'compute-measured':
        this.compute.set(`${event.stage}/${event.step}`, event);
        break;
      case 'stage-started':
        this.stages.set(event.stage, { stage: event.stage, startedMs: event.timeMs });
        break;
      case 'stage-finished':
      case 'stage-reused':
        this.#endStage(event);
        break;
      case 'leakage-checked':
        this.leakage.set(event.text, event);
        break;
      case 'engine-died':
        this.engineDeaths++;
        break;
      case 'message':
        if (event.level === 'warning') this.warnings.add(event.text);
        break;
      case 'run-finished':
        this.finished = event;
        break;
      case 'checkpoint-saved':
      case 'evaluation-started':
      case 'monitor-updated':
      case 'progress':
      case 'resumed':
      case 'training-started':
        break;
    }
  }

  #training(label: string | undefined): Training {
    let training = this.#trainings.get(label);
    if (training === undefined) this.#trainings.set(label, (training = new Training(label)));
    return training;
  }

  #endStage(event: EventOf<'stage-finished'> | EventOf<'stage-reused'>): void {
    const { stage } = event;
    const started = this.stages.get(stage) ?? { stage, startedMs: event.timeMs };
    const end = event.type === 'stage-finished' ? { finished: event } : { reused: event };
    this.stages.set(stage, { ...started, ...end });
  }

  /** In the order in which they ran; those that did a step or were planned. */
  get trainings(): Training[] {
    return [...this.#trainings.values()];
  }

  get evaluations(): EvaluationFinished[] {
    return [...this.#evaluations.values()].sort((a, b) => a.step - b.step);
  }

  get headline(): Headline | undefined {
    return headlineOf(this.#judged);
  }

  /** What the plugins of the run say of their metrics. */
  get described(): MetricDescriptions {
    return this.run?.metrics ?? this.#described;
  }
}
