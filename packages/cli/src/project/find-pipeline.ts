/** Finds the file that a command names: a path, or the bare name of a recipe. */
import { pipelineNotFound } from './errors.ts';
import { pipelineCalled, recipeNames } from './recipes.ts';

/**
 * The file of `pipelineCalled`.
 *
 * @throws PIPELINE_NOT_FOUND naming the recipes that there are
 */
export function findPipeline(name: string): string {
  const file = pipelineCalled(name);
  if (file === undefined) throw pipelineNotFound(name, recipeNames());
  return file;
}
