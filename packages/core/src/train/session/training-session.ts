/** Training on one engine, from a state to the end of the run or to the engine's death. */
import { ahead } from '../../data/ahead.ts';
import { BatchBuffers } from '../../data/batch-buffers.ts';
import type { TrainingBatch } from '../../data/sampler.ts';
import type { DeviceTree, Engine } from '../../contracts/engine.ts';
import { liveCheckpoint, type LiveCheckpoint } from './checkpoint-artifact.ts';
import {
  loadTrainingState,
  type CheckpointWriter,
  type SavedPosition,
  type StepPosition,
  type StoredState,
} from './checkpoints.ts';
import { nonFinite } from './errors.ts';
import { lowerRateOf } from './lower-rate.ts';
import { runStopped } from '../../run/errors.ts';
import type { Monitor } from './monitor.ts';
import type { FirstSteps } from '../plan/first-steps.ts';
import type { StepSums } from '../step/metrics.ts';
import { finiteStep, NO_NON_FINITE, nonFiniteStep, type NonFiniteCounts } from './non-finite.ts';
import { compileMsOf } from '../plan/plan.ts';
import { restoreWeights, RollbackDue, rolledBackText } from './roll-back.ts';
import { lastStepOf, scheduledStepsOf } from './schedule.ts';
import { initialScratch } from '../step/state.ts';
import type { StepReporter } from './step-reporter.ts';
import type { StepRunner } from '../step/step-runner.ts';
import { StepsInFlight } from './steps-in-flight.ts';
import { trainerBatches } from './trainer-batches.ts';
import type { OnCheckpoint, TrainerOptions, TrainerServices } from './trainer-options.ts';

/** What outlives an engine: the sessions of a training share it. */
export interface TrainingRecord {
  readonly writer: CheckpointWriter;
  readonly reporter: StepReporter;
  readonly firstSteps: FirstSteps;
  readonly monitor: Monitor;
}

interface SessionRequest {
  readonly options: TrainerOptions;
  readonly services: TrainerServices;
  readonly record: TrainingRecord;
  readonly engine: Engine;
  readonly runner: StepRunner;
  /** Without a path: the initial state. */
  readonly from: StoredState;
  readonly sentAhead?: Promise<DeviceTree>;
}

export class TrainingSession {
  readonly #options: TrainerOptions;
  readonly #services: TrainerServices;
  readonly #record: TrainingRecord;
  readonly #engine: Engine;
  readonly #runner: StepRunner;
  readonly #state: DeviceTree;
  readonly #from: StoredState;
  readonly #scheduledSteps: number;
  readonly #lastStep: number;
  readonly #inFlight = new StepsInFlight();
  readonly #buffers = new BatchBuffers();
  #counts: NonFiniteCounts;

  private constructor(request: SessionRequest, state: DeviceTree) {
    this.#options = request.options;
    this.#services = request.services;
    this.#record = request.record;
    this.#engine = request.engine;
    this.#runner = request.runner;
    this.#state = state;
    this.#from = request.from;
    this.#scheduledSteps = scheduledStepsOf(request.options);
    this.#lastStep = lastStepOf(request.options);
    this.#counts = request.from.nonFinite ?? NO_NON_FINITE;
  }

  /** Brings the state to the device, and says or saves where the run goes on. */
  static async open(request: SessionRequest): Promise<TrainingSession> {
    const { options, services, engine, runner, from } = request;
    const { writer, monitor } = request.record;
    const state = await (request.sentAhead ?? engine.upload({}));
    const { specs } = state;
    const missing = Object.entries(from.state).filter(([name]) => !Object.hasOwn(specs, name));
    const scratch = initialScratch(runner.parts, runner.sizes);
    await state.write({ ...Object.fromEntries(missing), ...scratch });
    if (from.path !== undefined) {
      writer.resumeFrom(from);
      services.bus.emit({ type: 'resumed', step: from.step, path: from.path });
    } else if (options.startFrom !== undefined) {
      // From here on the run does not depend on where its first weights came from.
      await writer.save(state, runner.sizes, from);
    }
    await monitor.restore(from.monitor);
    return new TrainingSession(request, state);
  }

  async run(onCheckpoint: OnCheckpoint): Promise<void> {
    const { step, epoch, endsIteration, path: storedPath } = this.#from;
    let last: StepPosition = { step, epoch, endsIteration: false };
    // A run that was cut off in an evaluation goes on with it.
    let isOver =
      endsIteration &&
      storedPath !== undefined &&
      (await this.#handOn(last, storedPath, onCheckpoint));
    const compileMs = compileMsOf(this.#runner);
    if (!isOver) this.#services.bus.emit({ type: 'training-started', step: step + 1, compileMs });
    while (!isOver) {
      try {
        await this.#trainFrom(last, onCheckpoint);
        isOver = true;
      } catch (error) {
        if (!(error instanceof RollbackDue)) throw error;
        ({ last, isOver } = await this.#rollBack(error, onCheckpoint));
      }
    }
    await this.#record.writer.settle();
    await this.#state.dispose();
  }

  /** The steps behind `from`, to the end of the run or to where the monitor ends it. @throws RollbackDue */
  async #trainFrom(from: StepPosition, onCheckpoint: OnCheckpoint): Promise<void> {
    const { stop } = this.#services;
    const { writer, reporter } = this.#record;
    let last = from;
    const batches = await trainerBatches(this.#options, {
      startStep: last.step,
      buffers: this.#buffers,
    });
    reporter.startClock();
    for await (const batch of ahead(batches)) {
      if (batch.step > this.#lastStep) break;
      if (stop.requested) await this.#stop(last);
      await this.#send(batch);
      last = this.#position(batch);
      const saveRequested = stop.takeSaveRequest?.() === true;
      if (last.endsIteration) {
        await this.#inFlight.drain();
        const path = await writer.save(this.#state, this.#runner.sizes, this.#counted(last));
        if (await this.#handOn(last, path, onCheckpoint)) break;
        reporter.startClock();
      } else if (saveRequested || writer.isDue(batch.step)) {
        await this.#inFlight.drain();
        await writer.saveInBackground(this.#state, this.#runner.sizes, this.#counted(last));
      }
    }
    await this.#inFlight.drain();
  }

  /**
   * Makes the weights of the last checkpoint the state after the bad step. Its number stays: it says which
   * batch is next, so that what was between is passed over, and the new checkpoint says all of it.
   *
   * @returns where the run goes on, or that it ends there
   */
  async #rollBack(
    due: RollbackDue,
    onCheckpoint: OnCheckpoint,
  ): Promise<{ readonly last: StepPosition; readonly isOver: boolean }> {
    const { bus, name } = this.#services;
    const { writer } = this.#record;
    await this.#inFlight.abandon();
    await writer.settle();
    const stored = (await loadTrainingState(this.#options, this.#services)) ?? this.#from;
    await restoreWeights(this.#state, stored, this.#runner);
    const last = this.#position(due.position);
    const path = await writer.save(this.#state, this.#runner.sizes, this.#counted(last));
    bus.emit({ type: 'message', level: 'warning', text: rolledBackText(due, stored), stage: name });
    const isOver = last.endsIteration && (await this.#handOn(last, path, onCheckpoint));
    return { last, isOver };
  }

  /** Has a checkpoint evaluated. @returns true if the monitor ends the training with it. */
  async #handOn(
    position: StepPosition,
    path: string,
    onCheckpoint: OnCheckpoint,
  ): Promise<boolean> {
    await onCheckpoint(this.#liveCheckpoint(position, path));
    return this.#record.monitor.take(position.step);
  }

  /** Sends a step; waits while too many are under way. */
  async #send(batch: TrainingBatch): Promise<void> {
    const answer = this.#runner.run(this.#state, {
      batch,
      step: batch.step,
      totalSteps: this.#scheduledSteps,
      random: this.#options.random,
    });
    await this.#inFlight.add(answer, (sums) => this.#finish(batch, sums));
  }

  async #finish(batch: TrainingBatch, sums: StepSums): Promise<void> {
    const { reporter, firstSteps } = this.#record;
    this.#counts = this.#count(batch, sums);
    const stepMs = reporter.finish(batch, sums, this.#counts);
    this.#buffers.giveBack(batch);
    const { firstBadTensor } = sums;
    if (firstBadTensor !== undefined && this.#runner.parts.nonFinite === 'rollback') {
      throw new RollbackDue(batch, firstBadTensor);
    }
    await firstSteps.finish(stepMs, batch.step === this.#lastStep);
  }

  /** @throws NON_FINITE where the run ends with this step */
  #count(batch: TrainingBatch, sums: StepSums): NonFiniteCounts {
    const { firstBadTensor: tensor, loss, gradNorm } = sums;
    const counts = this.#counts;
    if (tensor === undefined) return finiteStep(counts);
    const { nonFinite: action = 'stop' } = this.#runner.parts;
    const next = nonFiniteStep(counts, action, this.#options.nonFiniteLimits);
    if (next !== undefined) return next;
    const lastGood = this.#record.writer.lastSavedPath;
    const { step } = batch;
    const lowerRate = lowerRateOf(this.#options, this.#services);
    throw nonFinite({ step, tensor, loss, gradNorm, lastGood, counts, lowerRate });
  }

  /** @throws RUN_STOPPED when what was done is saved */
  async #stop(last: StepPosition): Promise<never> {
    const { writer } = this.#record;
    await this.#inFlight.drain();
    // What is being written may be this very state.
    await writer.settle();
    if (last.step > writer.lastSavedStep) {
      await writer.save(this.#state, this.#runner.sizes, this.#counted(last));
    }
    throw runStopped({ step: last.step, folder: this.#services.runFolder });
  }

  /** The last step of the run is evaluated wherever in an iteration it is. */
  #position({ step, epoch, endsIteration }: StepPosition): StepPosition {
    return { step, epoch, endsIteration: endsIteration || step === this.#lastStep };
  }

  #counted(last: StepPosition): SavedPosition {
    return { ...last, nonFinite: this.#counts, monitor: this.#record.monitor.state };
  }

  #liveCheckpoint({ step, epoch }: StepPosition, path: string): LiveCheckpoint {
    const { microBatchSize } = this.#runner.sizes;
    const at = { step, epoch, path, engine: this.#engine, state: this.#state, microBatchSize };
    return liveCheckpoint(this.#options.parts, at);
  }
}
