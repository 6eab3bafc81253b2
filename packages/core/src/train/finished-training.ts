/** A training whose last step is done: no step is compiled to find that out. */
import type { Engine } from '../engine/engine.ts';
import { liveCheckpoint } from './checkpoint-artifact.ts';
import type { StoredState } from './checkpoints.ts';
import { lastStepOf } from './schedule.ts';
import { trainerBatches } from './trainer-batches.ts';
import type { OnCheckpoint, TrainerOptions, TrainerServices } from './trainer-options.ts';

/** Whether there is no batch left; how many there are, only drawing them tells. */
export async function isFinished(options: TrainerOptions, { step }: StoredState): Promise<boolean> {
  if (options.planOnly === true) return false;
  const [next] = await trainerBatches(options, { startStep: step });
  return next === undefined || next.step > lastStepOf(options);
}

/** Hands the last checkpoint on, whose evaluation may have been cut off. */
export async function handOnLast(
  engine: Engine,
  stored: StoredState & { readonly path: string },
  options: TrainerOptions,
  { bus }: TrainerServices,
  onCheckpoint: OnCheckpoint,
): Promise<void> {
  bus.emit({ type: 'resumed', step: stored.step, path: stored.path });
  if (!stored.endsIteration) return;
  const state = await engine.upload(stored.state);
  await onCheckpoint(liveCheckpoint(options.parts, { ...stored, engine, state }));
  await state.dispose();
}
