/** Looks whether the folders that a run writes to can be written, without making any. */
import { access, constants, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import { problemOf } from '../config/problem.ts';
import type { ConfigProblem } from '../contracts/config-problem.ts';
import type { EddyError } from '@eddy/tensor/errors';
import { runFolderUnusable } from '../run/errors.ts';
import { cacheUnusable } from './errors.ts';

/** The problems of the cache folder and of the folder of runs; each has an error as its cause. */
export async function folderProblems(folders: {
  readonly cache: string;
  readonly runs?: string | undefined;
}): Promise<(ConfigProblem & { readonly cause: EddyError })[]> {
  const wanted = [
    { folder: folders.cache, refuse: cacheUnusable },
    ...(folders.runs === undefined ? [] : [{ folder: folders.runs, refuse: runFolderUnusable }]),
  ];
  const found = wanted.map(async ({ folder, refuse }) => {
    const reason = await unusable(folder);
    if (reason === undefined) return [];
    const cause = refuse(folder, reason);
    return [{ path: [], expected: '', received: '', ...problemOf(cause), cause }];
  });
  return (await Promise.all(found)).flat();
}

/** What the system says against writing in a folder that may be yet to make. */
async function unusable(folder: string): Promise<Error | undefined> {
  for (let path = resolve(folder); ; path = dirname(path)) {
    try {
      const info = await stat(path);
      if (!info.isDirectory()) return new Error(`${path} is not a folder`);
      await access(path, constants.W_OK | constants.X_OK);
      return undefined;
    } catch (error) {
      const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (!isMissing || path === dirname(path)) return error as Error;
    }
  }
}
