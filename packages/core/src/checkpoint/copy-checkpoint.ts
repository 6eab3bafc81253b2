/** A checkpoint copied to another folder: whole or not there. */
import { constants } from 'node:fs';
import { cp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { makeFolderDurably, syncFolder, syncTree, writeDurably } from '../files/durable.ts';
import { formatManifest, MANIFEST_FILE, readVerifiedManifest } from './manifest.ts';

/**
 * Copies a committed checkpoint to the folder `to`, unless one lies there. File systems that can share blocks do
 * (a reflink): the copy then takes no room.
 *
 * @param run  id of the run that it lies in then
 * @throws CHECKPOINT_DAMAGED
 */
export async function copyCheckpoint(
  from: string,
  to: string,
  run: string | undefined,
): Promise<void> {
  const { run: _before, ...facts } = await readVerifiedManifest(from);
  const folder = dirname(to);
  // The next save removes what a killed process leaves of it.
  const temporary = join(folder, `.tmp-${basename(to)}`);
  await makeFolderDurably(folder);
  await rm(temporary, { recursive: true, force: true });
  await cp(from, temporary, {
    recursive: true,
    mode: constants.COPYFILE_FICLONE,
    filter: (path) => path !== join(from, MANIFEST_FILE),
  });
  const manifest = formatManifest({ ...facts, ...(run === undefined ? {} : { run }) });
  await writeDurably(join(temporary, MANIFEST_FILE), manifest);
  await syncTree(temporary);
  await rename(temporary, to);
  await syncFolder(folder);
}
