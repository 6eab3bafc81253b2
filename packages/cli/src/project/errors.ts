/** Errors of the files that a command names. */
import { extname } from 'node:path';

import { nearest } from '@eddy/core/config';
import { EddyError, shellWord } from '@eddy/tensor/errors';

export function pipelineNotFound(name: string, recipes: readonly string[]): EddyError {
  const near = nearest(name.replace(/\.ya?ml$/, ''), recipes);
  return new EddyError({
    code: 'PIPELINE_NOT_FOUND',
    message: 'no pipeline file or recipe has this name',
    expected: `a file, or a recipe: ${recipes.join(', ')}`,
    received: name,
    fix:
      near === undefined
        ? `correct the path, or take one of the recipes, such as ${recipes[0]}`
        : `did you mean ${near}?`,
    exitCode: 2,
  });
}

/** `p.yml` → `p-2.yml` */
export function nextName(path: string): string {
  const extension = extname(path);
  return `${path.slice(0, path.length - extension.length)}-2${extension}`;
}

/** @param fix  what a user can do, where no --output can be given */
export function outputExists(
  path: string,
  fix = `give another name, \`--output ${shellWord(nextName(path))}\`, or remove it`,
): EddyError {
  return new EddyError({
    code: 'OUTPUT_EXISTS',
    message: 'the output already exists',
    at: path,
    expected: 'a name that is not taken',
    received: path,
    fix,
    exitCode: 2,
  });
}
