/** Local files that a config names. */
import { closeSync, existsSync } from 'node:fs';
import path from 'node:path';
import { openInputFileSync } from '@eddy/core/files';

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

/**
 * Returns the path of a data file that can be opened and read to its end.
 *
 * @throws DATA_FILE_MISSING, INPUT_NOT_A_FILE
 */
export function regularFile(file: string, configFolder: string): string {
  const found = resolveDataFile(file, configFolder);
  closeSync(openInputFileSync(found));
  return found;
}
