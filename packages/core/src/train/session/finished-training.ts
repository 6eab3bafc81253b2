/** A training whose last step is done: no step is compiled to find that out. */
import { listCheckpoints, loadCheckpoint, type Checkpoint } from '../../checkpoint/checkpoint.ts';
import type { Engine } from '../../contracts/engine.ts';
import { EddyError } from '@eddy/tensor/errors';
import { unlessStopped } from '../../run/unless-stopped.ts';
import { liveCheckpoint, type ReusedTraining } from './checkpoint-artifact.ts';
import { trainingStateOf, type StoredState } from './checkpoints.ts';
import type { Monitor } from './monitor.ts';
import { runStopped } from '../../run/errors.ts';
import { lastStepOf } from './schedule.ts';
import { trainerBatches } from './trainer-batches.ts';
import type { OnCheckpoint, TrainerOptions, TrainerServices } from './trainer-options.ts';

/** Whether there is no batch left; at the end of an iteration only drawing the next one tells. */
export async function isFinished(
  options: TrainerOptions,
  { step, endsIteration }: StoredState,
): Promise<boolean> {
  if (options.planOnly === true) return false;
  if (step >= lastStepOf(options)) return true;
  if (!endsIteration) return false;
  const [next] = await trainerBatches(options, { startStep: step });
  return next === undefined;
}

/**
 * Hands the last checkpoint on, whose evaluation may have been cut off.
 *
 * @throws RUN_STOPPED while the engine starts; MONITOR_METRIC_MISSING
 */
export async function emitLastCheckpoint(
  startEngine: () => Promise<Engine>,
  stored: StoredState & { readonly path: string },
  options: TrainerOptions,
  { bus, stop, runFolder }: TrainerServices,
  monitor: Monitor,
  onCheckpoint: OnCheckpoint,
): Promise<void> {
  bus.emit({ type: 'resumed', step: stored.step, path: stored.path });
  await monitor.restore(stored.monitor);
  if (!stored.endsIteration) return;
  const engine = await unlessStopped(stop, startEngine(), () =>
    runStopped({ step: stored.step, folder: runFolder }),
  );
  const state = await engine.upload(stored.state);
  await onCheckpoint(liveCheckpoint(options.parts, { ...stored, engine, state }));
  await monitor.take(stored.step);
  await state.dispose();
}

/**
 * Hands on the checkpoints of a training that another run has done, oldest first: those that were due for an
 * evaluation and are left of it. The monitor stays as that run had it at its end.
 *
 * @throws RUN_STOPPED; MONITOR_METRIC_MISSING
 */
export async function emitReusedCheckpoints(
  startEngine: () => Promise<Engine>,
  reused: ReusedTraining,
  options: TrainerOptions,
  services: TrainerServices,
  { monitor, onCheckpoint }: { readonly monitor: Monitor; readonly onCheckpoint: OnCheckpoint },
): Promise<void> {
  await monitor.restore(reused.monitor);
  for (const { step, path } of await listCheckpoints(options.folder)) {
    const loaded = await loadWhole(path, services);
    if (loaded === undefined) continue;
    const stored = await trainingStateOf(loaded, options);
    if (!stored.endsIteration) continue;
    const stopped = () => runStopped({ step, folder: services.runFolder });
    if (services.stop.requested) throw stopped();
    const engine = await unlessStopped(services.stop, startEngine(), stopped);
    const state = await engine.upload(stored.state);
    try {
      await onCheckpoint(liveCheckpoint(options.parts, { ...stored, engine, state }, reused));
    } finally {
      await state.dispose().catch(() => undefined); // a dead engine has freed it already
    }
  }
}

/** Undefined, with a warning, where the checkpoint is damaged: the others can still be measured. */
async function loadWhole(
  path: string,
  { bus, name }: Pick<TrainerServices, 'bus' | 'name'>,
): Promise<Checkpoint | undefined> {
  try {
    return await loadCheckpoint(path);
  } catch (error) {
    if (!(error instanceof EddyError) || error.code !== 'CHECKPOINT_DAMAGED') throw error;
    const text = `skipping a damaged checkpoint: ${path} is not evaluated`;
    bus.emit({ type: 'message', level: 'warning', text, stage: name });
    return undefined;
  }
}
