/** Local files that a config names. */
import { closeSync, existsSync } from 'node:fs';
import path from 'node:path';
import type { ConfigProblem } from '@eddy/core';
import { problemOf } from '@eddy/core/config';
import { openInputFileSync } from '@eddy/core/files';

import { dataFileMissing } from './errors.ts';

/**
 * A data file named in a config: relative to the folder of the pipeline file, or else to the working
 * folder (where a path given on the command line starts).
 *
 * @throws DATA_FILE_MISSING
 */
export function resolveDataFile(file: string, configFolder: string): string {
  const { tried, found } = lookedFor(file, configFolder);
  if (found === undefined) throw dataFileMissing(file, tried);
  return found;
}

/** Returns a problem for each file or folder that an option names and that is not there. */
export function missingFiles(
  named: readonly { readonly path: readonly string[]; readonly file: string }[],
  configFolder: string,
): ConfigProblem[] {
  return named.flatMap(({ path: option, file }): ConfigProblem[] => {
    const { tried, found } = lookedFor(file, configFolder);
    if (found !== undefined) return [];
    const { expected = '', received = '', ...facts } = problemOf(dataFileMissing(file, tried));
    return [{ path: option, expected, received, ...facts }];
  });
}

function lookedFor(file: string, configFolder: string) {
  const tried = [...new Set([path.resolve(configFolder, file), path.resolve(file)])];
  return { tried, found: tried.find((candidate) => existsSync(candidate)) };
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
