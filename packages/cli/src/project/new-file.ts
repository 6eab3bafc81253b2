import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { outputExists } from './errors.ts';

/**
 * Writes a file that is not there yet.
 *
 * @param fix  what a user can do when it is there
 * @throws OUTPUT_EXISTS
 */
export async function writeNewFile(path: string, text: string, fix?: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(path, text, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw outputExists(path, fix);
    throw error;
  }
}

/** Writes a file, over one that is there. */
export async function overwriteFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
