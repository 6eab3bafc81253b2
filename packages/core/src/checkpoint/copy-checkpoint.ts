/** A checkpoint copied to another folder: whole or not there. */
import { constants } from 'node:fs';
import { cp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { makeFolderDurably, syncFolder, syncTree } from '../files/durable.ts';

/**
 * Copies a committed checkpoint to the folder `to`, unless one lies there. File systems that can share blocks do
 * (a reflink): the copy then takes no room.
 */
export async function copyCheckpoint(from: string, to: string): Promise<void> {
  const folder = dirname(to);
  // The next save removes what a killed process leaves of it.
  const temporary = join(folder, `.tmp-${basename(to)}`);
  await makeFolderDurably(folder);
  await rm(temporary, { recursive: true, force: true });
  await cp(from, temporary, { recursive: true, mode: constants.COPYFILE_FICLONE });
  await syncTree(temporary);
  await rename(temporary, to);
  await syncFolder(folder);
}
