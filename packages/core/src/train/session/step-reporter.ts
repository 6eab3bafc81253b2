import type { DatasetMetadata } from '../../contracts/dataset.ts';
import type { TrainingBatch } from '../../data/sampler.ts';
import type { EventBus } from '../../contracts/services.ts';
import { trainingMetrics, type StepSums } from '../step/metrics.ts';
import type { NonFiniteCounts } from './non-finite.ts';
import { expectedStepsOf, lastStepOf, scheduledStepsOf } from './schedule.ts';
import type { TrainingParts } from '../step/parts.ts';

interface ReporterOptions {
  readonly parts: TrainingParts;
  readonly dataset: { readonly metadata: DatasetMetadata };
  readonly split: string;
  readonly epochs: number;
  readonly evalInterval: number;
  readonly globalBatchSize: number;
  readonly maxSteps?: number | undefined;
  readonly logInterval: number;
}

/** Turns finished steps into events: every `logInterval` steps, and each step once. */
export class StepReporter {
  readonly #options: ReporterOptions;
  readonly #bus: EventBus;
  readonly #stage: string;
  readonly #scheduledSteps: number;
  readonly #lastStep: number;
  readonly #expectedSteps: number;
  #reportedStep = 0;
  #lastFinishedMs = performance.now();

  constructor(
    options: ReporterOptions,
    services: { readonly bus: EventBus; readonly name: string },
  ) {
    this.#options = options;
    this.#bus = services.bus;
    this.#stage = services.name;
    this.#scheduledSteps = scheduledStepsOf(options);
    this.#lastStep = lastStepOf(options);
    this.#expectedSteps = expectedStepsOf(options);
  }

  /** Called after a pause, which is no part of a step's time. */
  startClock(): void {
    this.#lastFinishedMs = performance.now();
  }

  /** @returns milliseconds since the step before ended. */
  finish(batch: TrainingBatch, sums: StepSums, counts: NonFiniteCounts): number {
    const now = performance.now();
    const stepMs = now - this.#lastFinishedMs;
    this.#lastFinishedMs = now;
    // After an engine's death steps are done again, with the same numbers.
    if (batch.step > this.#reportedStep) {
      this.#reportedStep = batch.step;
      if (counts.consecutiveSkips === 1) this.#warnOfSkip(batch.step, sums);
      this.#report(batch, { sums, counts, stepMs });
    }
    return stepMs;
  }

  /** Of the first of several in a row; the metric counts them all. */
  #warnOfSkip(step: number, { firstBadTensor = 'loss' }: StepSums): void {
    const text = `step ${step} is skipped: ${firstBadTensor} is not finite; its update is not applied and its rows are dropped`;
    this.#bus.emit({ type: 'message', level: 'warning', text, stage: this.#stage });
  }

  #report(
    { step, epoch, endsIteration }: TrainingBatch,
    finished: {
      readonly sums: StepSums;
      readonly counts: NonFiniteCounts;
      readonly stepMs: number;
    },
  ): void {
    const { parts, globalBatchSize, logInterval } = this.#options;
    const { sums, counts, stepMs } = finished;
    if (step % logInterval !== 0 && step !== this.#lastStep && !endsIteration) return;
    const progress = { step, totalSteps: this.#scheduledSteps };
    const metrics = {
      ...trainingMetrics(parts.model, sums.metrics, globalBatchSize),
      loss: sums.loss / globalBatchSize,
      grad_norm: sums.gradNorm,
      lr: parts.optimizer.scalars(progress)['learningRate']!,
      ...(parts.nonFinite === 'skip' && { skipped_steps: counts.skipped }),
      ...(parts.nonFinite === 'rollback' && { rollbacks: counts.rollbacks }),
    };
    const totalSteps = this.#expectedSteps;
    this.#bus.emit({ type: 'step-finished', step, totalSteps, epoch, metrics, stepMs });
  }
}
