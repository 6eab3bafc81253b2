/** Training on one engine, from a state to the end of the run or to the engine's death. */
import { ahead } from '../data/ahead.ts';
import { BatchBuffers } from '../data/batch-buffers.ts';
import type { TrainingBatch } from '../data/sampler.ts';
import type { DeviceTree, Engine } from '../engine/engine.ts';
import { liveCheckpoint, type LiveCheckpoint } from './checkpoint-artifact.ts';
import type { CheckpointWriter, StepPosition, StoredState } from './checkpoints.ts';
import { nonFinite, runStopped } from './errors.ts';
import type { FirstSteps } from './first-steps.ts';
import type { StepSums } from './metrics.ts';
import { compileMsOf } from './plan.ts';
import { lastStepOf, scheduledStepsOf } from './schedule.ts';
import { initialScratch } from './state.ts';
import type { StepReporter } from './step-reporter.ts';
import type { StepRunner } from './step-runner.ts';
import { StepsInFlight } from './steps-in-flight.ts';
import { trainerBatches } from './trainer-batches.ts';
import type { OnCheckpoint, TrainerOptions, TrainerServices } from './trainer-options.ts';

/** What outlives an engine: the sessions of a training share it. */
export interface TrainingRecord {
  readonly writer: CheckpointWriter;
  readonly reporter: StepReporter;
  readonly firstSteps: FirstSteps;
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
  }

  /** Brings the state to the device, and says or saves where the run goes on. */
  static async open(request: SessionRequest): Promise<TrainingSession> {
    const { options, services, engine, runner, from } = request;
    const { writer } = request.record;
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
    return new TrainingSession(request, state);
  }

  async run(onCheckpoint: OnCheckpoint): Promise<void> {
    const { stop, bus } = this.#services;
    const { writer, reporter } = this.#record;
    const { step, epoch, endsIteration, path: storedPath } = this.#from;
    let last: StepPosition = { step, epoch, endsIteration: false };
    // A run that was cut off in an evaluation goes on with it.
    if (endsIteration && storedPath !== undefined) {
      await onCheckpoint(this.#liveCheckpoint(last, storedPath));
    }
    const batches = await trainerBatches(this.#options, {
      startStep: last.step,
      buffers: this.#buffers,
    });
    const compileMs = compileMsOf(this.#runner);
    bus.emit({ type: 'training-started', step: last.step + 1, compileMs });
    reporter.startClock();
    for await (const batch of ahead(batches)) {
      if (batch.step > this.#lastStep) break;
      if (stop.requested) await this.#stop(last);
      await this.#send(batch);
      last = this.#position(batch);
      const saveRequested = stop.takeSaveRequest?.() === true;
      if (last.endsIteration) {
        await this.#inFlight.drain();
        const path = await writer.save(this.#state, this.#runner.sizes, last);
        await onCheckpoint(this.#liveCheckpoint(last, path));
        reporter.startClock();
      } else if (saveRequested || writer.isDue(batch.step)) {
        await this.#inFlight.drain();
        await writer.saveInBackground(this.#state, this.#runner.sizes, last);
      }
    }
    await this.#inFlight.drain();
    await writer.settle();
    await this.#state.dispose();
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
    const { writer, reporter, firstSteps } = this.#record;
    if (sums.firstBadTensor !== undefined) {
      throw nonFinite({
        step: batch.step,
        tensor: sums.firstBadTensor,
        loss: sums.loss,
        gradNorm: sums.gradNorm,
        lastGood: writer.lastSavedPath,
      });
    }
    const stepMs = reporter.finish(batch, sums);
    this.#buffers.giveBack(batch);
    await firstSteps.finish(stepMs, batch.step === this.#lastStep);
  }

  /** @throws RUN_STOPPED when what was done is saved */
  async #stop(last: StepPosition): Promise<never> {
    const { writer } = this.#record;
    await this.#inFlight.drain();
    // What is being written may be this very state.
    await writer.settle();
    if (last.step > writer.lastSavedStep) {
      await writer.save(this.#state, this.#runner.sizes, last);
    }
    const { name, runFolder } = this.#services;
    throw runStopped({ stage: name, step: last.step, folder: runFolder });
  }

  /** The last step of the run is evaluated wherever in an iteration it is. */
  #position({ step, epoch, endsIteration }: StepPosition): StepPosition {
    return { step, epoch, endsIteration: endsIteration || step === this.#lastStep };
  }

  #liveCheckpoint({ step, epoch }: StepPosition, path: string): LiveCheckpoint {
    const { microBatchSize } = this.#runner.sizes;
    const at = { step, epoch, path, engine: this.#engine, state: this.#state, microBatchSize };
    return liveCheckpoint(this.#options.parts, at);
  }
}
