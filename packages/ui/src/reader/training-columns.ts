/** The steps of one training as columns: 65,104 steps with ten metrics take 6 MB. */
import { Column, lowerBound } from './column.ts';

/** Metrics that a training may have; further names are left out. */
const MAX_METRICS = 500;

export class TrainingColumns {
  readonly steps = new Column();
  /** Milliseconds on the run's clock. */
  readonly timeMs = new Column();
  readonly stepMs = new Column();
  readonly metrics = new Map<string, Column>();
  totalSteps = 0;
  epoch = 0;
  /** Name of the first metric that was not finite, and its step. */
  firstNonFinite: { readonly metric: string; readonly step: number } | undefined;

  /** Adds a step. One that was done before, as after a rollback, replaces it and what followed. */
  add(
    step: number,
    timeMs: number,
    stepMs: number,
    metrics: Readonly<Record<string, unknown>>,
  ): void {
    if (step <= (this.steps.last ?? -Infinity)) this.#cutAt(step);
    const row = this.steps.length;
    this.steps.push(step);
    this.timeMs.push(timeMs);
    this.stepMs.push(stepMs);
    // A mean over the rows that halted does not exist where none did; it is recorded as 0.
    const noneHalted = metrics['count'] === 0;
    for (const name of Object.keys(metrics)) {
      const value = Number(metrics[name]);
      if (!Number.isFinite(value)) this.firstNonFinite ??= { metric: name, step };
      if (noneHalted && value === 0 && name !== 'count') continue;
      this.#column(name)?.resize(row);
      this.#column(name)?.push(value);
    }
  }

  /** Returns the values of a metric, one for each step, NaN where there is none. */
  valuesOf(metric: string): Float64Array | undefined {
    const column = this.metrics.get(metric);
    column?.resize(this.steps.length);
    return column?.values;
  }

  #column(name: string): Column | undefined {
    let column = this.metrics.get(name);
    if (column === undefined && this.metrics.size < MAX_METRICS) {
      this.metrics.set(name, (column = new Column()));
    }
    return column;
  }

  #cutAt(step: number): void {
    const row = lowerBound(this.steps.values, step);
    for (const column of [this.steps, this.timeMs, this.stepMs]) column.resize(row);
    for (const column of this.metrics.values()) {
      if (column.length > row) column.resize(row);
    }
    if ((this.firstNonFinite?.step ?? 0) >= step) this.firstNonFinite = undefined;
  }
}
