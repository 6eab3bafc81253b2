/**
 * Training through the deaths of engines. State is a value: a run that is cut off anywhere and started
 * again from a checkpoint does the same steps on the same bits, because batches and noise are functions
 * of (seed, step).
 */
import type { Engine } from '../../contracts/engine.ts';
import { EddyError } from '@eddy/tensor/errors';
import { CheckpointWriter, loadTrainingState } from './checkpoints.ts';
import { runStopped } from '../../run/errors.ts';
import type { FittedStep } from '../memory/fit-memory.ts';
import { emitLastCheckpoint, emitReusedCheckpoints, isFinished } from './finished-training.ts';
import { lowerRateOf } from './lower-rate.ts';
import type { PlannedDisk } from '../../contracts/events.ts';
import { freeBytes } from '../../files/free-bytes.ts';
import { diskNeed, fullDiskWarning } from '../plan/disk-need.ts';
import { FirstSteps } from '../plan/first-steps.ts';
import { Monitor, type MonitorState } from './monitor.ts';
import type { PlannedRun } from '../plan/plan.ts';
import { reportPlan } from './report-plan.ts';
import { expectedStepsOf, numIterationsOf, requireSteps } from './schedule.ts';
import { checkParts, stateSpecs } from '../step/state.ts';
import { StepReporter } from './step-reporter.ts';
import type { OnCheckpoint, TrainerOptions, TrainerServices } from './trainer-options.ts';
import { TrainingSession, type TrainingRecord } from './training-session.ts';
import { trainingStart } from './training-start.ts';

/**
 * Trains to the end of the last epoch, or to `maxSteps`, from the newest good checkpoint in `folder`
 * or else from the start.
 *
 * @returns what its monitor knows at the end
 * @throws NON_FINITE, RUN_STOPPED, CHECKPOINT_MISMATCH, ROW_OPTIMIZER_MISSING, NOTHING_TO_TRAIN,
 *   MEMORY_TOO_SMALL, SPLIT_MISSING, ITERATION_WITHOUT_BATCH, MONITOR_METRIC_MISSING
 */
export async function train(
  options: TrainerOptions,
  services: TrainerServices,
  onCheckpoint: OnCheckpoint,
): Promise<MonitorState | undefined> {
  checkParts(options.parts);
  requireSteps(options);
  const writer = new CheckpointWriter(options, {
    bus: services.bus,
    lowerRate: () => lowerRateOf(options, services),
  });
  const reporter = new StepReporter(options, services);
  const firstSteps = new FirstSteps((plan) =>
    services.bus.emit({ type: 'training-planned', plan }),
  );
  const monitor = new Monitor(options, services);
  try {
    await trainThroughDeaths(
      options,
      services,
      { writer, reporter, firstSteps, monitor },
      onCheckpoint,
    );
    return monitor.state;
  } finally {
    monitor.close();
  }
}

async function trainThroughDeaths(
  options: TrainerOptions,
  services: TrainerServices,
  record: TrainingRecord,
  onCheckpoint: OnCheckpoint,
): Promise<void> {
  const { writer } = record;
  let engine = () => services.engine();
  let restarts = 0;
  for (;;) {
    const savedBefore = writer.lastSavedStep;
    try {
      await trainOn(engine, options, services, record, onCheckpoint);
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
      engine = () => services.restartEngine();
    }
  }
}

async function trainOn(
  startEngine: () => Promise<Engine>,
  options: TrainerOptions,
  services: TrainerServices,
  record: TrainingRecord,
  onCheckpoint: OnCheckpoint,
): Promise<void> {
  const { reused } = options;
  if (reused !== undefined) {
    const { monitor } = record;
    await emitReusedCheckpoints(startEngine, reused, options, services, { monitor, onCheckpoint });
    return;
  }
  const stored = await loadTrainingState(options, services);
  if (stored !== undefined && (await isFinished(options, stored))) {
    await emitLastCheckpoint(startEngine, stored, options, services, record.monitor, onCheckpoint);
    return;
  }
  const { fitted, ...start } = await trainingStart(startEngine, stored, options, services);
  const { engine, from } = start;
  const { name, runFolder } = services;
  if (services.stop.requested) throw runStopped({ step: from.step, folder: runFolder });
  const planned = await plannedRun(engine, fitted, options, runFolder);
  if (options.planOnly === true) {
    await reportPlan(planned, from.state, options, services);
    return;
  }
  const full = fullDiskWarning(planned.disk);
  if (full !== undefined && !record.firstSteps.hasBegun) {
    services.bus.emit({ type: 'message', level: 'warning', text: full, stage: name });
  }
  record.firstSteps.begin(planned);
  const { runner } = fitted;
  const session = await TrainingSession.open({
    options,
    services,
    record,
    runner,
    ...start,
  });
  await session.run(onCheckpoint);
}

async function plannedRun(
  engine: Engine,
  fitted: FittedStep,
  options: TrainerOptions,
  folder: string,
): Promise<PlannedRun & { readonly disk: PlannedDisk }> {
  const { dataset, split, checkpoint } = options;
  const { parts, sizes } = fitted.runner;
  const need = diskNeed({
    state: stateSpecs(parts, sizes),
    keep: checkpoint.keep,
    keptEvaluations: checkpoint.keepEvaluated === true ? numIterationsOf(options) : 0,
    dataset: dataset.metadata,
  });
  const free = await freeBytes(options.folder);
  const { numExamples } = dataset.metadata.splits[split]!;
  return {
    engine,
    fitted,
    steps: expectedStepsOf(options),
    dataset: `${dataset.metadata.task}, ${numExamples.toLocaleString('en-US')} examples in ${split}`,
    folder,
    disk: { ...need, ...(free === undefined ? {} : { freeBytes: free }) },
  };
}

function isEngineDeath(error: unknown): error is EddyError {
  return error instanceof EddyError && error.code === 'ENGINE_DIED';
}
