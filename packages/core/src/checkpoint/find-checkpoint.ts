/** Finds the checkpoint that a person means: one named, or the newest of a run. */
import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

import { latestCheckpoint, loadCheckpoint, type Checkpoint } from './checkpoint.ts';
import { checkpointNotFound } from './errors.ts';
import { CHECKPOINT_FORMAT, MANIFEST_FILE } from './manifest.ts';

/** Where a run keeps them. */
export const CHECKPOINTS_FOLDER = 'checkpoints';

/**
 * Opens a checkpoint folder, or the newest good one of a run or of its `checkpoints/`.
 *
 * @param wanted  which tensors to read; all by default
 * @param warn  told about damaged checkpoints of a run that were passed over
 * @throws CHECKPOINT_NOT_FOUND, CHECKPOINT_DAMAGED, CHECKPOINT_NONE_GOOD
 */
export async function findCheckpoint(
  path: string,
  options: {
    readonly wanted?: (name: string) => boolean;
    readonly warn: (text: string) => void;
  },
): Promise<Checkpoint> {
  const folder = resolve(path);
  if ((await formatOf(folder)) === CHECKPOINT_FORMAT) return loadCheckpoint(folder, options);
  for (const candidate of [join(folder, CHECKPOINTS_FOLDER), folder]) {
    const latest = await latestCheckpoint(candidate, options.warn, options);
    if (latest !== null) return latest;
  }
  const exists = await stat(folder).then(
    () => true,
    () => false,
  );
  throw checkpointNotFound(folder, exists);
}

/** The folder of the run that a checkpoint lies in; undefined when it lies elsewhere. */
export async function runFolderOf(checkpoint: string): Promise<string | undefined> {
  const run = dirname(dirname(resolve(checkpoint)));
  const format = await formatOf(run);
  return format === undefined || format === CHECKPOINT_FORMAT ? undefined : run;
}

/** `format` of the manifest in a folder; undefined when there is none that can be read. */
async function formatOf(folder: string): Promise<string | undefined> {
  try {
    const text = await readFile(join(folder, MANIFEST_FILE), 'utf8');
    const { format } = JSON.parse(text) as { format?: unknown };
    return typeof format === 'string' ? format : undefined;
  } catch {
    return undefined;
  }
}
