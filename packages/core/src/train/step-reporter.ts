import type { DatasetMetadata } from '../data/dataset.ts';
import type { TrainingBatch } from '../data/sampler.ts';
import type { EventBus } from '../run/services.ts';
import { trainingMetrics, type StepSums } from './metrics.ts';
import { lastStepOf, scheduledStepsOf } from './schedule.ts';
import type { TrainingParts } from './state.ts';

interface ReporterOptions {
  readonly parts: TrainingParts;
  readonly dataset: { readonly metadata: DatasetMetadata };
  readonly split: string;
  readonly epochs: number;
  readonly globalBatchSize: number;
  readonly maxSteps?: number | undefined;
  readonly logInterval: number;
}

/** Turns finished steps into events: every `logInterval` steps, and each step once. */
export class StepReporter {
  readonly #options: ReporterOptions;
  readonly #bus: EventBus;
  readonly #scheduledSteps: number;
  readonly #lastStep: number;
  #reportedStep = 0;
  #lastFinishedMs = performance.now();

  constructor(options: ReporterOptions, services: { readonly bus: EventBus }) {
    this.#options = options;
    this.#bus = services.bus;
    this.#scheduledSteps = scheduledStepsOf(options);
    this.#lastStep = lastStepOf(options);
  }

  /** Called after a pause, which is no part of a step's time. */
  startClock(): void {
    this.#lastFinishedMs = performance.now();
  }

  /** @returns milliseconds since the step before ended. */
  finish(batch: TrainingBatch, sums: StepSums): number {
    const now = performance.now();
    const stepMs = now - this.#lastFinishedMs;
    this.#lastFinishedMs = now;
    this.#report(batch, sums, stepMs);
    return stepMs;
  }

  #report({ step, epoch, endsIteration }: TrainingBatch, sums: StepSums, stepMs: number): void {
    const { parts, globalBatchSize, logInterval } = this.#options;
    // After an engine's death steps are done again, with the same numbers.
    if (step <= this.#reportedStep) return;
    this.#reportedStep = step;
    if (step % logInterval !== 0 && step !== this.#lastStep && !endsIteration) return;
    const progress = { step, totalSteps: this.#scheduledSteps };
    const metrics = {
      ...trainingMetrics(parts.model, sums.metrics, globalBatchSize),
      loss: sums.loss / globalBatchSize,
      grad_norm: sums.gradNorm,
      lr: parts.optimizer.scalars(progress)['learningRate']!,
    };
    const totalSteps = this.#lastStep;
    this.#bus.emit({ type: 'step-finished', step, totalSteps, epoch, metrics, stepMs });
  }
}
