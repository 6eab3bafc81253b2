/** Local files that a config names. */
import { existsSync } from 'node:fs';
import path from 'node:path';

import { dataFileMissing } from './errors.ts';

/**
 * A data file named in a config: relative to the folder of the pipeline file, or else to the working
 * folder (where a path given on the command line starts).
 *
 * @throws DATA_FILE_MISSING
 */
export function resolveDataFile(file: string, configFolder: string): string {
  const tried = [...new Set([path.resolve(configFolder, file), path.resolve(file)])];
  const found = tried.find((candidate) => existsSync(candidate));
  if (found === undefined) throw dataFileMissing(file, tried);
  return found;
}
