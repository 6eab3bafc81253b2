/** Finds the checkpoint that a person means: one named, or the newest or the best of a run. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

import { JSON_LIMIT, readInputText } from '../files/input-file.ts';
import { readBest } from './best.ts';
import {
  checkpointPath,
  latestCheckpoint,
  listCheckpoints,
  loadCheckpoint,
  type Checkpoint,
} from './checkpoint.ts';
import { bestNotOfRun, bestUnknown, checkpointNotFound, trainingUnknown } from './errors.ts';
import { isCheckpointFormat, MANIFEST_FILE, type TrainingPlace } from './manifest.ts';

/** Where a run keeps them. */
export const CHECKPOINTS_FOLDER = 'checkpoints';

/** Which checkpoint of a training: the newest, or the one with the best evaluation. */
export type WhichCheckpoint = 'last' | 'best';

/** The checkpoints of one training of a run. */
export interface TrainingFolder {
  readonly path: string;
  /** Name of the folder inside `checkpoints`; undefined where a run has one training only. */
  readonly name: string | undefined;
  /** As the newest good checkpoint records it; undefined where it records none. */
  readonly training: TrainingPlace | undefined;
  /** Step of the newest good checkpoint. */
  readonly step: number;
}

/**
 * Opens a checkpoint folder, or the newest good or the best one of a run or of its `checkpoints/`. Of a run
 * with several trainings it is the last one's, or that of `stage`.
 *
 * @param wanted  which tensors to read; all by default
 * @param warn  told about damaged checkpoints of a run that were passed over, and about a best checkpoint that
 *   test data chose
 * @throws CHECKPOINT_NOT_FOUND, CHECKPOINT_DAMAGED, CHECKPOINT_NONE_GOOD, TRAINING_UNKNOWN, BEST_UNKNOWN
 */
export async function findCheckpoint(
  path: string,
  options: {
    readonly wanted?: (name: string) => boolean;
    readonly warn: (text: string) => void;
    /** Key of a training's stage. */
    readonly stage?: string | undefined;
    /** `last` by default. */
    readonly which?: WhichCheckpoint | undefined;
  },
): Promise<Checkpoint> {
  const folder = resolve(path);
  const isBest = options.which === 'best';
  if (isCheckpointFormat(await formatOf(folder))) {
    if (isBest) throw bestNotOfRun(folder);
    return loadCheckpoint(folder, options);
  }
  const openIn = async (place: string, warn: (text: string) => void) =>
    isBest
      ? loadCheckpoint(await bestCheckpointIn(place, options.warn), options)
      : (await latestCheckpoint(place, warn, options))!;
  for (const candidate of [join(folder, CHECKPOINTS_FOLDER), folder]) {
    const places = await placesIn(candidate);
    if (places.length === 1 && options.stage === undefined) {
      return openIn(places[0]!.path, options.warn);
    }
    const trainings = await listTrainings(candidate, options.warn);
    const chosen = chosenTraining(trainings, options.stage, folder);
    // Damaged ones were told of while the trainings were listed.
    if (chosen !== undefined) {
      return openIn(chosen.path, () => undefined);
    }
  }
  const exists = await stat(folder).then(
    () => true,
    () => false,
  );
  throw checkpointNotFound(folder, exists);
}

/**
 * The folder of the best checkpoint of a training.
 *
 * @param folder  of the training's checkpoints
 * @param warn  told when nobody has said what is best, so that test data may have chosen
 * @throws BEST_UNKNOWN
 */
export async function bestCheckpointIn(
  folder: string,
  warn: (text: string) => void,
): Promise<string> {
  const best = await readBest(folder, warn);
  const steps = (await listCheckpoints(folder)).map(({ step }) => step);
  if (best === undefined || !steps.includes(best.step)) throw bestUnknown(folder, best?.step);
  const { step, metric, split, isMonitored } = best;
  if (!isMonitored || split === 'test') {
    warn(
      `the checkpoint of step ${step} is the best by ${metric} on ${split}, and the same data chose it: ` +
        `figures on ${split} are optimistic (train.monitor chooses on data of its own)`,
    );
  }
  return checkpointPath(folder, step);
}

/**
 * The trainings that have saved something below a folder of checkpoints, in the order in which they
 * run.
 *
 * @throws CHECKPOINT_NONE_GOOD
 */
export async function listTrainings(
  folder: string,
  warn: (text: string) => void,
): Promise<readonly TrainingFolder[]> {
  const found: TrainingFolder[] = [];
  for (const place of await placesIn(folder)) {
    const latest = await latestCheckpoint(place.path, warn, { wanted: () => false });
    const { training, step } = latest!.manifest;
    found.push({ ...place, step, training: training ?? undefined });
  }
  return found.sort((a, b) => (a.training?.index ?? 0) - (b.training?.index ?? 0));
}

/** Folders that hold checkpoints: this one, and of a run with several trainings one for each. */
async function placesIn(folder: string): Promise<readonly Pick<TrainingFolder, 'name' | 'path'>[]> {
  const isOfRun = basename(folder) === CHECKPOINTS_FOLDER;
  const entries = isOfRun ? await readdir(folder, { withFileTypes: true }).catch(() => []) : [];
  const names = entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  const places = [
    { name: undefined, path: folder },
    ...names.map((name) => ({ name, path: join(folder, name) })),
  ];
  const isUsed = await Promise.all(
    places.map(async ({ path }) => (await listCheckpoints(path)).length > 0),
  );
  return places.filter((_, i) => isUsed[i]);
}

/** The folder of the run that a checkpoint lies in; undefined when it lies elsewhere. */
export async function runFolderOf(checkpoint: string): Promise<string | undefined> {
  // run/checkpoints/step-1, or run/checkpoints/finetune/step-1
  let folder = dirname(resolve(checkpoint));
  for (let level = 0; level < 2; level++) {
    folder = dirname(folder);
    const format = await formatOf(folder);
    if (format !== undefined && !isCheckpointFormat(format)) return folder;
  }
  return undefined;
}

function chosenTraining(
  trainings: readonly TrainingFolder[],
  stage: string | undefined,
  path: string,
): TrainingFolder | undefined {
  if (stage === undefined || trainings.length === 0) return trainings.at(-1);
  const chosen = trainings.find((other) => (other.training?.stage ?? other.name) === stage);
  if (chosen !== undefined) return chosen;
  const known = trainings.map(({ training, name }) => training?.stage ?? name ?? 'unnamed');
  throw trainingUnknown({ path, stage, known });
}

/** `format` of the manifest in a folder; undefined when there is none that can be read. */
async function formatOf(folder: string): Promise<string | undefined> {
  try {
    const text = await readInputText(join(folder, MANIFEST_FILE), JSON_LIMIT);
    const { format } = JSON.parse(text) as { format?: unknown };
    return typeof format === 'string' ? format : undefined;
  } catch {
    return undefined;
  }
}
