/** The run that `--resume auto` goes on with. */
import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';

import { EddyError } from '@eddy/tensor/errors';

import { readEnding, readSavedMs } from './journal-end.ts';
import { openRunFolder, type RunFolder, type RunManifest } from './run-folder.ts';

/**
 * Returns the runs below `root` of this name and this config that are not done, the one with the most work saved
 * first: runs of one config go the same way, and clocks of machines differ. What a run is stands in its manifest, not
 * in the name of its folder.
 *
 * @throws RUN_MANIFEST_INVALID for a damaged run whose folder is named as one of these
 */
export async function findUnfinishedRuns(
  root: string,
  { name, configHash }: { readonly name: string; readonly configHash: string },
): Promise<RunFolder[]> {
  const folders = await readdir(root).catch(() => [] as string[]);
  const runs = await Promise.all(folders.map((folder) => runIn(join(resolve(root), folder), name)));
  return runs
    .filter((run) => run !== undefined)
    .filter(({ manifest }) => manifest.name === name && manifest.configHash === configHash)
    .filter(({ journalPath }) => readEnding(journalPath)?.status !== 'done')
    .map((run) => ({ run, savedMs: readSavedMs(run.journalPath) }))
    .sort((a, b) => b.savedMs - a.savedMs || compare(b.run.manifest, a.run.manifest))
    .map(({ run }) => run);
}

function compare({ startedAt: a }: RunManifest, { startedAt: b }: RunManifest): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** @returns undefined for a folder that is no run, and for a damaged run unless its folder is named as one of these. */
async function runIn(path: string, name: string): Promise<RunFolder | undefined> {
  try {
    return await openRunFolder(path);
  } catch (error) {
    const isOurs = basename(path).startsWith(`${name}-`);
    if (error instanceof EddyError && (error.code === 'RUN_NOT_FOUND' || !isOurs)) return undefined;
    throw error;
  }
}
