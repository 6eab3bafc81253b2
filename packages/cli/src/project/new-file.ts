import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { outputExists } from './errors.ts';

/** Writes a file that is not there yet. @throws OUTPUT_EXISTS */
export async function writeNewFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(path, text, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw outputExists(path);
    throw error;
  }
}
