/** A training whose last step is done: no step is compiled to find that out. */
import { listCheckpoints, loadCheckpoint } from '../../checkpoint/checkpoint.ts';
import type { Engine } from '../../contracts/engine.ts';
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
export async function handOnLast(
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
export async function handOnReused(
  startEngine: () => Promise<Engine>,
  reused: ReusedTraining,
  options: TrainerOptions,
  services: TrainerServices,
  { monitor, onCheckpoint }: { readonly monitor: Monitor; readonly onCheckpoint: OnCheckpoint },
): Promise<void> {
  await monitor.restore(reused.monitor);
  for (const { step, path } of await listCheckpoints(options.folder)) {
    const stored = await trainingStateOf(await loadCheckpoint(path), options);
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
