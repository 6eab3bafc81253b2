/** Local files that a config names. */
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';

import { dataFileMissing, dataFileUnusable } from './errors.ts';

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
 * The same, for what is read as a file: a folder cannot be, a pipe may never begin, a device never end.
 *
 * @throws DATA_FILE_MISSING
 */
export function regularFile(file: string, configFolder: string): string {
  const found = resolveDataFile(file, configFolder);
  const stats = statSync(found);
  if (stats.isFile()) return found;
  const kind = stats.isDirectory()
    ? 'a folder'
    : stats.isFIFO()
      ? 'a pipe'
      : 'a device or a socket';
  throw dataFileUnusable(found, kind);
}
