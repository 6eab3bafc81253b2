/** Asks every stage of a pipeline what it is going to make, from the first to the last. */
import type { ExpectedArtifact } from '../contracts/foresight.ts';
import type { ConfigProblem } from '../contracts/config-problem.ts';
import { EddyError } from '@eddy/tensor/errors';
import { problemOf } from '../config/problem.ts';
import { providerOf, type NamedStage } from './order-stages.ts';

export interface Foreseen {
  /** What each stage is going to make, by its name; nothing of a stage that does not say. */
  readonly artifacts: ReadonlyMap<string, readonly ExpectedArtifact[]>;
  /** With paths from the root of the pipeline file. */
  readonly problems: readonly ConfigProblem[];
}

export async function foreseeStages(ordered: readonly NamedStage[]): Promise<Foreseen> {
  const artifacts = new Map<string, readonly ExpectedArtifact[]>();
  const problems: ConfigProblem[] = [];
  for (const [i, { name, stage }] of ordered.entries()) {
    if (stage.foresee === undefined) continue;
    const inputs = stage.needs.flatMap((need) => {
      const kind = typeof need === 'string' ? need : need.kind;
      const made = artifacts.get(ordered[providerOf(ordered, i, need)]!.name) ?? [];
      return made.filter((artifact) => artifact.kind === kind);
    });
    try {
      const foresight = await stage.foresee(inputs);
      artifacts.set(name, foresight.artifacts);
      for (const { path, ...facts } of foresight.problems ?? []) {
        problems.push({ path: [name, ...path], ...facts });
      }
    } catch (error) {
      // A part that cannot be made is said as the run would say it.
      if (!(error instanceof EddyError)) throw error;
      const { expected = '', received = '', ...facts } = problemOf(error);
      problems.push({ path: [name], expected, received, ...facts });
    }
  }
  return { artifacts, problems };
}
