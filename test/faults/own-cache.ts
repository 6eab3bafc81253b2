/** A cache for the runs of a test. */
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

import { readSettings } from '@eddy/core/config';

/**
 * Makes `cache` in a folder: stage results of its own, so that kills hit builds too. Engines are the user's, and so
 * are compiled programs unless they are to be compiled anew.
 */
export async function ownCache(
  folder: string,
  shared: readonly ('engines' | 'compiled')[] = ['engines', 'compiled'],
): Promise<string> {
  const { cacheFolder } = await readSettings();
  const cache = join(folder, 'cache');
  mkdirSync(cache, { recursive: true });
  for (const name of shared) {
    mkdirSync(join(cacheFolder, name), { recursive: true });
    symlinkSync(join(cacheFolder, name), join(cache, name));
  }
  return cache;
}
