/** The events of a run other than its steps, folded into what the page shows. */
import { evaluationSet, headlineOf, affectsHeadline, type Headline } from '@eddy/core/report';
import type { RunEvent, RunSummary } from '@eddy/core';

import type {
  CheckpointView,
  ComputeView,
  EvaluationView,
  NoteView,
  RunView,
  StageView,
} from '../api/run.ts';

type EventOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;
type Plan = RunView['plans'][number];

const MAX_NOTES = 500;

export class RunEvents {
  summary: RunSummary | undefined;
  finished: EventOf<'run-finished'> | undefined;
  compileMs: number | undefined;
  readonly plans = new Map<string, Plan['plan']>();
  readonly notes: NoteView[] = [];
  readonly leakage = new Map<string, RunView['leakage'][number]>();
  readonly compute = new Map<string, ComputeView>();
  readonly resumes: number[] = [];
  /** What the headline is made of. */
  readonly #judged: RunEvent[] = [];
  readonly #stages = new Map<string, Partial<StageView> & { state: StageView['state'] }>();
  /** By set and step: one that was repeated after a resume counts once. */
  readonly #evaluations = new Map<string, EvaluationView>();
  readonly #checkpoints = new Map<string, CheckpointView>();

  /** Folds one event in. Journals are written by programs of several versions: what lacks a field is skipped. */
  add(event: Exclude<RunEvent, { type: 'step-finished' }>): void {
    if (affectsHeadline(event)) this.#judged.push(event);
    switch (event.type) {
      case 'run-started':
        this.summary = event.run;
        this.finished = undefined;
        this.#stages.clear();
        break;
      case 'run-finished':
        this.finished = event;
        if (event.error !== undefined) {
          const level = event.status === 'stopped' ? 'info' : 'error';
          this.#note(event, level, `${event.error.code}  ${event.error.message}`);
        }
        break;
      case 'stage-started':
        this.#stages.set(event.stage, { state: 'running', startedMs: event.timeMs });
        break;
      case 'stage-reused':
        this.#stages.set(event.stage, { state: 'reused', reusedKey: event.key });
        break;
      case 'stage-finished':
        this.#finishStage(event);
        break;
      case 'message':
        this.#note(event, event.level === 'warning' ? 'warning' : 'info', event.text);
        break;
      case 'leakage-checked':
        this.leakage.set(event.text, {
          timeMs: event.timeMs,
          text: event.text,
          report: event.report,
        });
        break;
      case 'training-started':
        this.compileMs = event.compileMs;
        break;
      case 'training-planned':
        this.plans.set(event.label ?? '', event.plan);
        break;
      case 'checkpoint-saved':
        this.#addCheckpoint(event);
        break;
      case 'evaluation-finished':
        this.#addEvaluation(event);
        break;
      case 'compute-measured':
        this.compute.set(`${event.stage}/${event.step}`, event);
        break;
      case 'resumed':
        this.resumes.push(event.step);
        this.#note(event, 'info', `resumed from step ${event.step}`);
        break;
      case 'engine-died':
        this.#note(event, 'warning', `engine died (restart ${event.restart}): ${event.reason}`);
        break;
      default:
      // Further events are for loggers.
    }
  }

  get headline(): Headline | undefined {
    return headlineOf(this.#judged);
  }

  get evaluations(): EvaluationView[] {
    return [...this.#evaluations.values()].sort((a, b) => a.step - b.step);
  }

  get checkpoints(): CheckpointView[] {
    return [...this.#checkpoints.values()].sort((a, b) => a.step - b.step);
  }

  /** The stages of the configuration in its order, then those that it does not name. */
  stagesOf(names: readonly string[], end: 'failed' | 'stopped' | undefined): StageView[] {
    const all = new Set([...names, ...this.#stages.keys()]);
    return [...all].map((name) => {
      const { state = 'waiting', ...stage } = this.#stages.get(name) ?? {};
      const cut = state === 'running' && end !== undefined;
      return { ...stage, name, state: cut ? end : state };
    });
  }

  get activeStages(): string[] {
    return [...this.#stages].flatMap(([name, { state }]) => (state === 'running' ? [name] : []));
  }

  #finishStage({ stage, durationMs, busyMs }: EventOf<'stage-finished'>): void {
    const before = this.#stages.get(stage);
    const state = before?.state === 'reused' ? 'reused' : 'done';
    const busy = busyMs === undefined ? {} : { busyMs };
    this.#stages.set(stage, { ...before, ...busy, state, durationMs });
  }

  #addEvaluation(event: EventOf<'evaluation-finished'>): void {
    const { step, split, label, examples, durationMs, metrics } = event;
    const set = evaluationSet(event);
    const before = this.#evaluations.get(`${set}/${step}`);
    // Several stages may evaluate the same weights with other evaluators.
    const merged = { ...before?.metrics, ...metrics };
    const view = { step, set, split, examples, durationMs, metrics: merged };
    this.#evaluations.set(`${set}/${step}`, label === undefined ? view : { ...view, label });
  }

  #addCheckpoint({ step, label, bytes, durationMs }: EventOf<'checkpoint-saved'>): void {
    const training = label ?? '';
    this.#checkpoints.set(`${training}/${step}`, { step, training, bytes, durationMs });
  }

  #note({ timeMs }: RunEvent, level: NoteView['level'], text: string): void {
    if (this.notes.length === MAX_NOTES) this.notes.shift();
    this.notes.push({ timeMs, level, text: String(text).slice(0, 4000) });
  }
}
