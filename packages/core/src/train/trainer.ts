/**
 * The training loop. State is a value: a run that is cut off anywhere and started again from a
 * checkpoint does the same steps on the same bits, because batches and noise are functions of
 * (seed, step).
 */
import { ahead } from '../data/ahead.ts';
import type { DatasetArtifact } from '../data/dataset-artifact.ts';
import { BatchBuffers } from '../data/batch-buffers.ts';
import { trainingBatches, type TrainingBatch } from '../data/sampler.ts';
import type { DeviceTree, Engine } from '../engine/engine.ts';
import { EddyError } from '../errors.ts';
import type { RandomStream } from '../random/random-stream.ts';
import type { RunEventBody, TrainingPlan } from '../run/events.ts';
import type { EventBus, StopSignal } from '../run/services.ts';
import type { HostTree } from '../tensor/spec.ts';
import { CheckpointWriter, loadTrainingState, type StoredState } from './checkpoints.ts';
import type { LiveCheckpoint } from './checkpoint-artifact.ts';
import { nonFinite, runStopped } from './errors.ts';
import { compileToFit, type FittedStep } from './fit-memory.ts';
import { FirstSteps } from './first-steps.ts';
import type { StepSums } from './metrics.ts';
import { compileMsOf, planTraining, type PlannedRun } from './plan.ts';
import { timeEvaluations, type PlannedEvaluation } from './plan-evaluations.ts';
import {
  checkParts,
  initialScratch,
  initialState,
  modelSpecs,
  type TrainingParts,
} from './state.ts';
import { regroupCarry } from './regroup-carry.ts';
import { lastStepOf, numIterationsOf, scheduledStepsOf } from './schedule.ts';
import { StepReporter } from './step-reporter.ts';
import type { StepRunner } from './step-runner.ts';

/** Steps sent to the engine before the first of them has answered. */
const STEPS_IN_FLIGHT = 2;

export interface TrainerOptions {
  readonly parts: TrainingParts;
  readonly dataset: DatasetArtifact;
  readonly split: string;
  /** Root of the run's randomness. */
  readonly random: RandomStream;
  /** Puts weights of another run into the initial state; not called by a run that goes on. */
  readonly startFrom?: ((initial: HostTree) => Promise<HostTree>) | undefined;
  readonly globalBatchSize: number;
  readonly microBatchSize: number | 'auto';
  /** Whether activations are computed again in the backward pass; `auto` by default: if memory asks for it. */
  readonly recompute?: boolean | 'auto' | undefined;
  /** A byte size that training must stay within, or `auto` (default): what the engine has. */
  readonly memory?: string | undefined;
  readonly epochs: number;
  /** Epochs between evaluations. */
  readonly evalInterval: number;
  /** Ends the run early; the learning rate's schedule stays that of all epochs. */
  readonly maxSteps?: number | undefined;
  readonly logInterval: number;
  readonly checkpoint: { readonly every: number | 'auto'; readonly keep: number };
  /** Restarts of a dead engine in a row, without a step between that was saved. */
  readonly maxRestarts: number;
  /** Folder of the checkpoints. */
  readonly folder: string;
  /** What stages of the pipeline evaluate, for planning. */
  readonly evaluations?: readonly PlannedEvaluation[];
  /** Only plan: measure, report, do no step. */
  readonly planOnly?: boolean;
}

export interface TrainerServices {
  /** Stage name for messages. */
  readonly name: string;
  readonly bus: EventBus;
  readonly stop: StopSignal;
  readonly runFolder: string;
  engine(): Promise<Engine>;
  restartEngine(reason: string): Promise<Engine>;
}

/** Called with each checkpoint that is due for evaluation; training waits for it. */
export type OnCheckpoint = (checkpoint: LiveCheckpoint) => Promise<void>;

/**
 * Trains to the end of the last epoch, or to `maxSteps`, from the newest good checkpoint in `folder`
 * or else from the start.
 *
 * @throws NON_FINITE, RUN_STOPPED, CHECKPOINT_MISMATCH, ROW_OPTIMIZER_MISSING, NOTHING_TO_TRAIN,
 *   MEMORY_TOO_SMALL
 */
export async function train(
  options: TrainerOptions,
  services: TrainerServices,
  onCheckpoint: OnCheckpoint,
): Promise<void> {
  checkParts(options.parts);
  const writer = new CheckpointWriter(options, services);
  const reporter = new StepReporter(options, services);
  let engine = await services.engine();
  const firstSteps = new FirstSteps((plan) =>
    services.bus.emit({ type: 'training-planned', plan }),
  );
  let restarts = 0;
  for (;;) {
    const savedBefore = writer.lastSavedStep;
    try {
      const session = await TrainingSession.open({
        options,
        services,
        writer,
        reporter,
        firstSteps,
        engine,
      });
      await session?.run(onCheckpoint);
      return;
    } catch (error) {
      if (!isEngineDeath(error)) {
        // Nothing is written to the run's folder after its training has ended.
        await writer.settle().catch(() => undefined);
        throw error;
      }
      if (writer.lastSavedStep !== savedBefore) restarts = 0;
      restarts += 1;
      if (restarts > options.maxRestarts) throw error;
      const reason = error.facts.message;
      services.bus.emit({ type: 'engine-died', reason, restart: restarts });
      await writer.settle();
      engine = await services.restartEngine(reason);
    }
  }
}

interface SessionRequest {
  readonly options: TrainerOptions;
  readonly services: TrainerServices;
  readonly writer: CheckpointWriter;
  readonly reporter: StepReporter;
  readonly firstSteps: FirstSteps;
  readonly engine: Engine;
}

/** Training on one engine, from a checkpoint to the end or to the engine's death. */
class TrainingSession {
  readonly #options: TrainerOptions;
  readonly #services: TrainerServices;
  readonly #writer: CheckpointWriter;
  readonly #reporter: StepReporter;
  readonly #firstSteps: FirstSteps;
  readonly #engine: Engine;
  readonly #runner: StepRunner;
  readonly #state: DeviceTree;
  readonly #start: StoredState;
  readonly #scheduledSteps: number;
  readonly #lastStep: number;
  readonly #inFlight: Promise<void>[] = [];
  readonly #buffers = new BatchBuffers();

  private constructor(
    request: SessionRequest,
    runner: StepRunner,
    state: DeviceTree,
    start: StoredState,
  ) {
    this.#options = request.options;
    this.#services = request.services;
    this.#writer = request.writer;
    this.#reporter = request.reporter;
    this.#firstSteps = request.firstSteps;
    this.#engine = request.engine;
    this.#runner = runner;
    this.#state = state;
    this.#start = start;
    this.#scheduledSteps = scheduledStepsOf(request.options);
    this.#lastStep = lastStepOf(request.options);
  }

  /** @returns nothing where only a plan is wanted. */
  static async open(request: SessionRequest): Promise<TrainingSession | undefined> {
    const { options, services, engine, writer } = request;
    const { parts, globalBatchSize, dataset } = options;
    const { seqLen } = dataset.metadata;
    const stored = await loadTrainingState(options, services);
    const fitted = await compileToFit({
      engine,
      parts,
      globalBatchSize,
      seqLen,
      microBatchSize: options.microBatchSize,
      recompute: options.recompute ?? 'auto',
      memory: options.memory ?? 'auto',
      // A step that is cut as before goes on bit for bit.
      preferred: stored,
      explore: options.planOnly,
    });
    const { runner } = fitted;
    if (isBudgetBlind(fitted, options)) services.bus.emit(budgetIgnored(engine, services.name));
    const start: StoredState = (stored && regrouped(stored, runner)) ?? {
      step: 0,
      epoch: 0,
      endsIteration: false,
      microBatchSize: runner.sizes.microBatchSize,
      recompute: runner.sizes.recompute === true,
      state: await firstState(options, runner),
    };
    throwIfStopped(services, start.step);
    if (options.planOnly === true) {
      await emitPlan(request, fitted, start.state);
      return undefined;
    }
    await request.firstSteps.begin(plannedRun(request, fitted));
    const scratch = initialScratch(parts, runner.sizes);
    const state = await engine.upload({ ...start.state, ...scratch });
    if (stored !== undefined) {
      writer.resumeFrom(stored);
      services.bus.emit({ type: 'resumed', step: stored.step, path: stored.path });
    } else if (options.startFrom !== undefined) {
      // From here on the run does not depend on where its first weights came from.
      await writer.save(state, runner.sizes, start);
    }
    return new TrainingSession(request, runner, state, start);
  }

  async run(onCheckpoint: OnCheckpoint): Promise<void> {
    const { options, services } = { options: this.#options, services: this.#services };
    let last = { step: this.#start.step, epoch: this.#start.epoch, endsIteration: false };
    // A run that was cut off in an evaluation goes on with it.
    if (this.#start.endsIteration && this.#start.path !== undefined) {
      await onCheckpoint(this.#liveCheckpoint(last, this.#start.path));
    }
    const split = await options.dataset.open(options.split);
    const { augmentation } = options.dataset;
    const batches = trainingBatches({
      split,
      metadata: options.dataset.metadata,
      random: options.random.stream('batches'),
      globalBatchSize: options.globalBatchSize,
      epochs: options.epochs,
      epochsPerIteration: options.evalInterval,
      startStep: last.step,
      buffers: this.#buffers,
      ...(augmentation === undefined ? {} : { augmentation }),
    });
    const compileMs = compileMsOf(this.#runner);
    services.bus.emit({ type: 'training-started', step: last.step + 1, compileMs });
    this.#reporter.startClock();
    for await (const batch of ahead(batches)) {
      if (batch.step > this.#lastStep) break;
      if (services.stop.requested) await this.#stop(last);
      await this.#send(batch);
      last = { step: batch.step, epoch: batch.epoch, endsIteration: batch.endsIteration };
      if (batch.step === this.#lastStep) last.endsIteration = true;
      const saveRequested = services.stop.takeSaveRequest?.() === true;
      if (last.endsIteration) {
        await this.#drain();
        const path = await this.#writer.save(this.#state, this.#runner.sizes, last);
        await onCheckpoint(this.#liveCheckpoint(last, path));
        this.#reporter.startClock();
      } else if (saveRequested || this.#writer.isDue(batch.step)) {
        await this.#drain();
        await this.#writer.saveInBackground(this.#state, this.#runner.sizes, last);
      }
    }
    await this.#drain();
    await this.#writer.settle();
    await this.#state.dispose();
  }

  /** Sends a step; waits while too many are under way. */
  async #send(batch: TrainingBatch): Promise<void> {
    const { random } = this.#options;
    const { step } = batch;
    const inputs = { batch, step, totalSteps: this.#scheduledSteps, random };
    const answer = this.#runner.run(this.#state, inputs);
    // Answers may overtake one another on their way to the host; steps are reported in order.
    const pending = Promise.all([answer, this.#inFlight.at(-1)]).then(([sums]) =>
      this.#finish(batch, sums),
    );
    pending.catch(() => undefined); // awaited later; a failure before that must not go unheard
    this.#inFlight.push(pending);
    if (this.#inFlight.length >= STEPS_IN_FLIGHT) await this.#inFlight.shift();
  }

  async #drain(): Promise<void> {
    while (this.#inFlight.length > 0) await this.#inFlight.shift();
  }

  async #finish(batch: TrainingBatch, sums: StepSums): Promise<void> {
    if (sums.firstBadTensor !== undefined) {
      throw nonFinite({
        step: batch.step,
        tensor: sums.firstBadTensor,
        loss: sums.loss,
        gradNorm: sums.gradNorm,
        lastGood: this.#writer.lastSavedPath,
      });
    }
    const stepMs = this.#reporter.finish(batch, sums);
    this.#buffers.giveBack(batch);
    await this.#firstSteps.finish(stepMs, batch.step === this.#lastStep);
  }

  async #stop(last: { step: number; epoch: number; endsIteration: boolean }): Promise<never> {
    await this.#drain();
    if (last.step > this.#writer.lastSavedStep) {
      await this.#writer.save(this.#state, this.#runner.sizes, last);
    }
    await this.#writer.settle();
    throw stoppedAt(this.#services, last.step);
  }

  #liveCheckpoint(last: { step: number; epoch: number }, path: string): LiveCheckpoint {
    const { model, averager } = this.#options.parts;
    return {
      step: last.step,
      epoch: last.epoch,
      path,
      model,
      engine: this.#engine,
      state: this.#state,
      averaged: averager !== undefined,
      batchSize: this.#runner.sizes.microBatchSize,
    };
  }
}

function firstState(
  { parts, random, startFrom }: TrainerOptions,
  { sizes }: StepRunner,
): HostTree | Promise<HostTree> {
  const initial = initialState(parts, sizes, random);
  return startFrom === undefined ? initial : startFrom(initial);
}

function throwIfStopped(services: TrainerServices, step: number): void {
  if (services.stop.requested) throw stoppedAt(services, step);
}

function stoppedAt({ name, runFolder }: TrainerServices, step: number): Error {
  return runStopped({ stage: name, step, folder: runFolder });
}

/** A stored state in the micro-batches of this run. */
function regrouped(stored: StoredState, { parts, sizes }: StepRunner): StoredState {
  const { microBatchSize, recompute = false } = sizes;
  const from = { ...sizes, microBatchSize: stored.microBatchSize };
  const state = regroupCarry(parts.model, stored.state, from, sizes);
  return { ...stored, microBatchSize, recompute, state };
}

/** A limit was set, and the engine doesn't say what a step takes. */
function isBudgetBlind({ candidates }: FittedStep, { memory = 'auto' }: TrainerOptions): boolean {
  return memory !== 'auto' && candidates.every(({ memoryBytes }) => memoryBytes === undefined);
}

function budgetIgnored({ info }: Engine, stage: string): RunEventBody {
  const text = `engine ${info.name} does not say how much memory a step takes: train.memory limits nothing`;
  return { type: 'message', level: 'warning', text, stage };
}

async function emitPlan(
  request: SessionRequest,
  fitted: FittedStep,
  state: HostTree,
): Promise<void> {
  const { options, services } = request;
  const { dataset, globalBatchSize, random } = options;
  const planned = plannedRun(request, fitted);
  const [batch] = trainingBatches({
    split: await dataset.open(options.split),
    metadata: dataset.metadata,
    random: random.stream('batches'),
    globalBatchSize,
    epochs: options.epochs,
    epochsPerIteration: options.evalInterval,
    ...(dataset.augmentation === undefined ? {} : { augmentation: dataset.augmentation }),
  });
  const plan = await planTraining({
    ...planned,
    state,
    stop: services.stop,
    inputs: { batch: batch!, step: 1, totalSteps: scheduledStepsOf(options), random },
  });
  services.bus.emit({
    type: 'training-planned',
    plan: await withEvaluations(plan, request, fitted.runner, state),
  });
}

function plannedRun({ options, services, engine }: SessionRequest, fitted: FittedStep): PlannedRun {
  const { dataset, split } = options;
  const { numExamples } = dataset.metadata.splits[split]!;
  return {
    engine,
    fitted,
    steps: lastStepOf(options),
    dataset: `${dataset.metadata.task}, ${numExamples} examples in ${split}`,
    folder: services.runFolder,
  };
}

/** A run measures its evaluations soon enough; `pipeline plan` must say how long they will take. */
async function withEvaluations(
  plan: TrainingPlan,
  { options, engine }: SessionRequest,
  { parts, sizes }: StepRunner,
  state: HostTree,
): Promise<TrainingPlan> {
  const { dataset, evaluations = [] } = options;
  if (evaluations.length === 0 || plan.totalMs === undefined) return plan;
  const { model } = parts;
  const specs = modelSpecs(model);
  const onceMs = await timeEvaluations({
    engine,
    model,
    state: Object.fromEntries(Object.entries(state).filter(([name]) => name in specs)),
    dataset,
    batchSize: sizes.microBatchSize,
    evaluations,
  });
  const count = numIterationsOf(options);
  const durationMs = count * onceMs;
  return {
    ...plan,
    totalMs: plan.totalMs + durationMs,
    evaluations: { count: count * evaluations.length, durationMs },
  };
}

function isEngineDeath(error: unknown): error is EddyError {
  return error instanceof EddyError && error.code === 'ENGINE_DIED';
}
