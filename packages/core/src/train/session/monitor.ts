/** Chooses the best checkpoint of a training by its evaluations, and says when to stop. */
import type { Subscription } from 'rxjs';

import { writeBest } from '../../checkpoint/best.ts';
import type { MonitoredMetric } from '../../contracts/events.ts';
import type { EventBus } from '../../contracts/services.ts';
import { directionOf, usualMetric } from '../../run/metric.ts';
import { monitorMetricMissing } from './errors.ts';

/** What `train.monitor` says. */
export interface MonitorOptions extends MonitoredMetric {
  /** Evaluations without improvement after which the training ends; never by default. */
  readonly patience?: number | undefined;
}

/** What a monitor remembers: every checkpoint holds it as it was before its own evaluation. */
export interface MonitorState extends MonitoredMetric {
  /** Step of the last checkpoint that was taken in. */
  readonly step: number;
  /** The best checkpoint; absent while no value was finite. */
  readonly best?: { readonly step: number; readonly value: number };
  /** Evaluations since the best one. */
  readonly waited: number;
}

/** What the splits of a checkpoint measured. */
type Measured = ReadonlyMap<string, Readonly<Record<string, number>>>;

/** Splits that choose where nobody has said which one: those that a result is not reported of come first. */
const USUAL_SPLITS = ['validation', 'test'];

/**
 * Hears the evaluations of its training from the run's events, and takes them in checkpoint by checkpoint.
 * Without options it still knows the best checkpoint, so that it is kept, but says nothing and stops nothing.
 */
export class Monitor {
  readonly #options: MonitorOptions | undefined;
  readonly #folder: string;
  readonly #stage: string;
  readonly #bus: EventBus;
  readonly #measured = new Map<number, Map<string, Readonly<Record<string, number>>>>();
  readonly #listening: Subscription;
  #state: MonitorState | undefined;
  #reportedStep = -1;

  /** @param training  its options: where its checkpoints are, and the label that its evaluations carry. */
  constructor(
    training: {
      readonly monitor?: MonitorOptions | undefined;
      readonly folder: string;
      readonly label?: string | undefined;
    },
    { bus, name }: { readonly bus: EventBus; readonly name: string },
  ) {
    this.#options = training.monitor;
    this.#folder = training.folder;
    this.#stage = name;
    this.#bus = bus;
    this.#listening = bus.events$.subscribe((event) => {
      if (event.type !== 'evaluation-finished' || event.label !== training.label) return;
      const splits = this.#measured.get(event.step) ?? new Map<string, Record<string, number>>();
      // Several stages may measure a split, each by other evaluators.
      splits.set(event.split, { ...splits.get(event.split), ...event.metrics });
      this.#measured.set(event.step, splits);
    });
  }

  /** What a checkpoint that is saved now has to remember; undefined before the first evaluation. */
  get state(): MonitorState | undefined {
    return this.#state;
  }

  /** Goes back to what a checkpoint remembers, or to the start. @throws CHECKPOINT_WRITE_FAILED */
  async restore(state: MonitorState | undefined): Promise<void> {
    this.#state = state !== undefined && this.#isOurs(state) ? state : undefined;
    await this.#record();
  }

  /**
   * Takes in the evaluation of a checkpoint, which has ended.
   *
   * @returns true if the training ends here.
   * @throws MONITOR_METRIC_MISSING, CHECKPOINT_WRITE_FAILED
   */
  async take(step: number): Promise<boolean> {
    const measured: Measured = this.#measured.get(step) ?? new Map();
    const watched = this.#options ?? this.#state ?? usualChoice(measured);
    if (watched === undefined) return false;
    const value = measured.get(watched.split)?.[watched.metric];
    if (value === undefined) {
      if (this.#options === undefined) return false;
      throw monitorMetricMissing({ stage: this.#stage, step, watched, measured });
    }
    if (this.#state === undefined || this.#state.step < step) {
      const before = this.#state;
      this.#state = updated(before, watched, step, value);
      if (this.#state.best !== before?.best) await this.#record();
    }
    return this.#report(step, value);
  }

  /** Hears no more. */
  close(): void {
    this.#listening.unsubscribe();
  }

  /** Tells of a checkpoint once, also where an engine's death brings it a second time. */
  #report(step: number, value: number): boolean {
    if (this.#options === undefined) return false;
    const { metric, split, mode, patience } = this.#options;
    const { best, waited } = this.#state!;
    const stops = patience !== undefined && waited >= patience;
    if (step > this.#reportedStep) {
      this.#reportedStep = step;
      this.#bus.emit({
        type: 'monitor-updated',
        step,
        metric,
        split,
        mode,
        value,
        ...(best === undefined ? {} : { best }),
        waited,
        ...(patience === undefined ? {} : { patience }),
        stops,
      });
    }
    return stops;
  }

  async #record(): Promise<void> {
    const { best, metric, split, mode } = this.#state ?? {};
    const isMonitored = this.#options !== undefined;
    await writeBest(
      this.#folder,
      best && { ...best, metric: metric!, split: split!, mode: mode!, isMonitored },
    );
  }

  /** False for what was remembered of another metric: its values say nothing of this one. */
  #isOurs({ metric, split, mode }: MonitorState): boolean {
    const asked = this.#options;
    if (asked === undefined) return true;
    return metric === asked.metric && split === asked.split && mode === asked.mode;
  }
}

/** NaN and infinity never become the best; an equal value is no improvement. */
function updated(
  before: MonitorState | undefined,
  { metric, split, mode }: MonitoredMetric,
  step: number,
  value: number,
): MonitorState {
  const best = before?.best;
  const sign = mode === 'max' ? 1 : -1;
  const improves =
    Number.isFinite(value) && (best === undefined || sign * value > sign * best.value);
  return {
    metric,
    split,
    mode,
    step,
    ...(improves ? { best: { step, value } } : best && { best }),
    waited: improves ? 0 : (before?.waited ?? 0) + 1,
  };
}

/** What is watched where nobody has said what: the metric that runs are usually judged by. */
function usualChoice(measured: Measured): MonitoredMetric | undefined {
  const names = [...measured.keys()];
  const split =
    USUAL_SPLITS.find((name) => measured.has(name)) ??
    names.find((name) => name !== 'train') ??
    names[0];
  if (split === undefined) return undefined;
  const metric = usualMetric(Object.keys(measured.get(split)!));
  const mode = metric === undefined ? undefined : directionOf(metric);
  return metric === undefined || mode === undefined ? undefined : { metric, split, mode };
}
