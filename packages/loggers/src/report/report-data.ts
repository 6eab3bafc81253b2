/** What a report shows, gathered from the events of a run. */
import { evaluationSet } from '@eddy/core/report';
import type { RunEvent, RunSummary, TrainingPlan } from '@eddy/core';

type EventOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;

export interface StepPoint {
  readonly step: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** Of data that was not trained on. */
export function isUnseen({ split }: EventOf<'evaluation-finished'>): boolean {
  return split !== 'train';
}

export class ReportData {
  run: RunSummary | null = null;
  plan: TrainingPlan | null = null;
  finished: EventOf<'run-finished'> | null = null;
  readonly steps: StepPoint[] = [];
  readonly stages: (EventOf<'stage-finished'> | EventOf<'stage-reused'>)[] = [];
  readonly warnings: string[] = [];
  /** What the leakage guard said; a resumed run says it again. */
  readonly leakage = new Set<string>();
  /** By split and step: an evaluation that was repeated after a resume counts once. */
  readonly #evaluations = new Map<string, EventOf<'evaluation-finished'>>();
  /** By stage and step. */
  readonly compute: Map<string, EventOf<'compute-measured'>> = new Map();
  #totalStepMs = 0;
  #training: string | undefined;

  add(event: RunEvent): void {
    if (event.type === 'run-started') this.run = event.run;
    else if (event.type === 'training-planned') this.plan = event.plan;
    else if (event.type === 'step-finished') {
      // Of several trainings the last one is drawn.
      if (event.label !== this.#training) this.steps.length = 0;
      this.#training = event.label;
      this.steps.push({ step: event.step, metrics: event.metrics });
      this.#totalStepMs += event.stepMs;
    } else if (event.type === 'evaluation-finished') {
      this.#evaluations.set(`${evaluationSet(event)}/${event.step}`, event);
    } else if (event.type === 'compute-measured') {
      this.compute.set(`${event.stage}/${event.step}`, event);
    } else if (event.type === 'stage-finished' || event.type === 'stage-reused') {
      this.stages.push(event);
    } else if (event.type === 'leakage-checked') this.leakage.add(event.text);
    else if (event.type === 'message' && event.level === 'warning') this.warnings.push(event.text);
    else if (event.type === 'run-finished') this.finished = event;
  }

  get evaluations(): EventOf<'evaluation-finished'>[] {
    return [...this.#evaluations.values()].sort((a, b) => a.step - b.step);
  }

  /** Mean, ms. */
  get stepMs(): number | null {
    return this.steps.length === 0 ? null : this.#totalStepMs / this.steps.length;
  }
}
