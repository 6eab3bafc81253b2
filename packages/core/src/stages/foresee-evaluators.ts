/** Finds evaluators that cannot measure the dataset which a stage is going to get. */
import { EddyError } from '@eddy/tensor/errors';
import type { ConfigProblem } from '../contracts/config-problem.ts';
import type { ExpectedDataset } from '../contracts/foresight.ts';
import type { PartFactory, PluginReference } from '../contracts/services.ts';
import { problemOf } from '../config/problem.ts';

/** Returns a problem for each evaluator that refuses the dataset. */
export async function unfitEvaluators(
  evaluators: readonly PluginReference[],
  { metadata }: ExpectedDataset,
  parts: PartFactory,
): Promise<ConfigProblem[]> {
  const problems: ConfigProblem[] = [];
  for (const [index, reference] of evaluators.entries()) {
    const evaluator = await parts.create('evaluator', reference).catch(ignoreUnmade);
    try {
      evaluator?.requireDataset?.(metadata);
    } catch (error) {
      if (!(error instanceof EddyError)) throw error;
      const { expected = '', received = '', ...facts } = problemOf(error);
      problems.push({ path: ['evaluators', index], expected, received, ...facts });
    }
  }
  return problems;
}

/** One that needs the data is made when they are there; one that cannot be made is a problem of its own. */
function ignoreUnmade(error: unknown): undefined {
  if (!(error instanceof EddyError)) throw error;
}
