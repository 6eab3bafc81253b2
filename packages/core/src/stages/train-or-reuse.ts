/** Takes over a training that an earlier run has finished, in place of training again. */
import { dirname } from 'node:path';

import { trainingMissing } from './errors.ts';
import { InternalError } from '@eddy/tensor/errors';
import { readBest } from '../checkpoint/best.ts';
import { checkpointPath, latestCheckpoint, listCheckpoints } from '../checkpoint/checkpoint.ts';
import type { StageServices, StopSignal } from '../contracts/services.ts';
import type { ReferredResult } from '../contracts/stage.ts';
import { CHECKPOINT_ARTIFACT } from '../train/session/checkpoint-artifact.ts';
import { train } from '../train/session/trainer.ts';
import type { OnCheckpoint, TrainerOptions } from '../train/session/trainer-options.ts';
import {
  findTraining,
  referenceTo,
  takeOver,
  usableTraining,
  withRun,
  writeReference,
  type FoundTraining,
  type ReusableTraining,
} from './reused-training.ts';
import { readJournaledTraining } from './journaled-training.ts';
import type { TrainConfig } from './train-config.ts';
import { trainingKey, type TrainInputs, type TrainServices } from './training-key.ts';
import { boundServices, placeOf, stageNotifier } from './training-services.ts';

export interface TrainActions {
  readonly stop: StopSignal;
  /** Returns the function that hands on the checkpoints of the training of a key. */
  readonly emitOf: (key: string) => OnCheckpoint;
  readonly trainerOptions: (
    inputs: TrainInputs & { readonly key: string },
    options: TrainConfig,
    services: TrainServices,
  ) => Promise<TrainerOptions>;
}

/** Trains, unless a run before has finished a training of the same key: then its checkpoints are handed on. */
export async function trainOrReuse(
  inputs: TrainInputs,
  options: TrainConfig,
  all: TrainServices,
  { stop, emitOf, trainerOptions }: TrainActions,
): Promise<void> {
  const { stage } = all;
  const services = { ...boundServices(stage), stop };
  const key = await trainingKey(inputs, options, all);
  const trainer = await trainerOptions({ ...inputs, key }, options, all);
  const { folder } = trainer;
  const place = { folder, runFolder: stage.runFolder };
  // A training that has begun here goes on here; so does taking one over.
  const hasBegun = (await listCheckpoints(folder)).length > 0;
  // A plan is one of a training; `planPipeline` says that it will be reused.
  const reuses = !hasBegun && stage.reusesTraining !== false && stage.planOnly !== true;
  const isTaken = hasBegun && stage.planOnly !== true && isTakenOver(stage);
  const found =
    reuses || (isTaken && (await mayFindAgain(key, folder, stage)))
      ? await foundTraining(key, stage)
      : undefined;
  if (reuses && found === undefined && stage.isGiven === true) throw trainingMissing(stage.name);
  const taken = found ?? (isTaken ? await ownCopy(folder, stage) : undefined);
  if (taken === undefined) {
    const monitor = await train(trainer, services, emitOf(key));
    if (stage.planOnly === true) return;
    const made = { stage: stage.name, key, ...place };
    await keepReference(key, stage, () => referenceTo(made, monitor));
    return;
  }
  const reused = await takeOver(taken, place, services);
  if (found !== undefined) await sayOtherEngine(found, stage);
  await train({ ...trainer, reused }, services, emitOf(key));
  if (found === undefined) return;
  await keepReference(key, stage, () => withRun(found.reference, place));
}

/** The training as `pipeline why` follows it. */
export async function trainingResult(
  inputs: TrainInputs,
  options: TrainConfig,
  all: TrainServices,
): Promise<ReferredResult> {
  const { stage } = all;
  const { label } = placeOf(stage);
  const key = await trainingKey(inputs, options, all);
  return {
    key,
    isUsable: (path) => usableTraining(path, dirname(stage.runFolder), label),
    read: async (path) => {
      const found = await findTraining(path, dirname(stage.runFolder));
      if (typeof found === 'string') throw new InternalError(found);
      const { step } = found.reference;
      const at = checkpointPath(found.checkpoints, step);
      return {
        kind: CHECKPOINT_ARTIFACT,
        stage: stage.name,
        key: `${key}/${step}`,
        path: at,
        ...(label === undefined ? {} : { label }),
      };
    },
  };
}

/**
 * Whether a session before took a training over last: it may have been stopped before every checkpoint was there and
 * measured.
 */
function isTakenOver({ runFolder, name }: StageServices): boolean {
  return readJournaledTraining(runFolder, name).isReused;
}

/** Checkpoints of two trainings must not be mixed: data or code may have changed since the session before. */
async function mayFindAgain(key: string, folder: string, stage: StageServices): Promise<boolean> {
  if (stage.reusesTraining === false) return false;
  const own = await latestCheckpoint(folder, () => undefined, { wanted: () => false });
  return own?.manifest.metadata['key'] === key;
}

/** What a session before has copied, where its source cannot be found any more; undefined without its last one. */
async function ownCopy(
  folder: string,
  stage: StageServices,
): Promise<ReusableTraining | undefined> {
  const newest = (await listCheckpoints(folder)).at(-1);
  const own = await latestCheckpoint(folder, () => undefined, { wanted: () => false });
  if (own === null || own.path !== newest?.path) return undefined;
  const found = await readBest(folder);
  const { step } = own.manifest;
  const monitor = found && {
    metric: found.metric,
    split: found.split,
    mode: found.mode,
    step,
    best: { step: found.step, value: found.value },
    waited: 0,
  };
  const reference = { stage: stage.name, step, ...(monitor && { monitor }) };
  const key = own.manifest.metadata['key'];
  return { reference, run: stage.runFolder, checkpoints: folder, key };
}

async function foundTraining(
  key: string,
  stage: StageServices,
): Promise<FoundTraining | undefined> {
  const { label } = placeOf(stage);
  const runs = dirname(stage.runFolder);
  const entry = await stage.artifacts.find(stage.name, key, (path) =>
    usableTraining(path, runs, label),
  );
  if (entry === undefined) return undefined;
  const found = await findTraining(entry, runs);
  return typeof found === 'string' ? undefined : found;
}

/** The cache is no part of the result: a training that cannot be kept there is as good. */
async function keepReference(
  key: string,
  stage: StageServices,
  referenceOf: () => ReturnType<typeof referenceTo>,
): Promise<void> {
  try {
    const reference = await referenceOf();
    if (reference === undefined) return;
    const { signal } = new AbortController();
    await stage.artifacts.keep(
      stage.name,
      key,
      (folder) => writeReference(folder, reference),
      signal,
    );
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    stageNotifier(stage)(
      'warning',
      `the cache could not record this training for other runs: ${why}`,
    );
  }
}

/** Bits of a training are those of its engine and processor; its evaluations here are of another one. */
async function sayOtherEngine(
  { reference: { engine: trainedOn } }: FoundTraining,
  stage: StageServices,
): Promise<void> {
  if (trainedOn === undefined) return;
  const { info } = await stage.engine();
  if (info.fingerprint === trainedOn.fingerprint) return;
  const text =
    `the reused training ran on ${trainedOn.name}, this run has ${info.name} (fingerprints differ): ` +
    `training here may give slightly different results; --force ${stage.name} trains again`;
  stageNotifier(stage)('info', text);
}
