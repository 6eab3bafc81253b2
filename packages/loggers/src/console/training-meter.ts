/** How training stands: rate, time left, loss, accuracy. */
import type { RunEvent } from '@eddy/core';

type StepFinished = Extract<RunEvent, { type: 'step-finished' }>;

const RATE_WINDOW_MS = 15_000;
const LOSSES_KEPT = 512;

export class TrainingMeter {
  last: StepFinished | null = null;
  /** Losses of the newest step, the rest of the newest in which a row halted: only such steps have them. */
  readonly metrics: Record<string, number> = {};
  readonly losses: number[] = [];
  readonly #window: { readonly timeMs: number; readonly step: number }[] = [];

  add(event: StepFinished): void {
    // After a restart of the engine the steps since the last checkpoint come again.
    if (this.last !== null && event.step <= this.last.step) this.resetRate();
    this.last = event;
    const halted = event.metrics['count'] !== 0;
    for (const [name, value] of Object.entries(event.metrics)) {
      if (halted || name.includes('loss')) this.metrics[name] = value;
    }
    const loss = event.metrics['lm_loss'];
    if (loss !== undefined) this.losses.push(loss);
    // Halves the series and keeps its shape: the sparkline shows the whole run.
    if (this.losses.length > LOSSES_KEPT) {
      this.losses.splice(0, Infinity, ...this.losses.filter((_, i) => i % 2 === 0));
    }
    this.#window.push({ timeMs: event.timeMs, step: event.step });
    while (this.#window.length > 2 && event.timeMs - this.#window[0]!.timeMs > RATE_WINDOW_MS) {
      this.#window.shift();
    }
  }

  /** Time that was not training (an evaluation) must not count as slow steps. */
  resetRate(): void {
    this.#window.length = 0;
  }

  /** Steps a second over the last seconds. */
  get rate(): number {
    const first = this.#window[0];
    if (this.last === null || first === undefined || this.last.step === first.step) {
      return this.last === null ? 0 : 1000 / this.last.stepMs;
    }
    return ((this.last.step - first.step) / (this.last.timeMs - first.timeMs)) * 1000;
  }

  get remainingMs(): number {
    if (this.last === null) return Infinity;
    return ((this.last.totalSteps - this.last.step) / this.rate) * 1000;
  }
}
