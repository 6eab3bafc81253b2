/** Finds the file that a command names: a path, or the bare name of a recipe. */
import { closeSync, existsSync, statSync } from 'node:fs';

import { openInputFileSync } from '@eddy/core/files';

import { pipelineNotFound } from './errors.ts';
import { pipelineCalled, recipeNames } from './recipes.ts';

/**
 * The file of `pipelineCalled`.
 *
 * @throws PIPELINE_NOT_FOUND naming the recipes that there are; INPUT_NOT_A_FILE for a pipe or a device
 */
export function findPipeline(name: string): string {
  const file = pipelineCalled(name);
  if (file !== undefined) return file;
  // A folder may have the name of a recipe that was mistyped.
  if (existsSync(name) && !statSync(name).isDirectory()) closeSync(openInputFileSync(name));
  throw pipelineNotFound(name, recipeNames());
}
