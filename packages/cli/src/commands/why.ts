import { explainStages, stageUnknown, type StageExplanation } from '@eddy/core/run';

import { BUILTIN } from '../project/builtin.ts';
import { findPipeline } from '../project/find-pipeline.ts';
import { loadSettings, type CommonOptions } from '../project/load.ts';

const VERDICTS: Record<StageExplanation['verdict'], string> = {
  reused: 'its result is in the cache and will be reused',
  first: 'will run: this pipeline has no earlier result of this stage to compare with',
  changed: 'will run: these inputs differ from those of the last result of this pipeline',
  lost: 'will run again with the same inputs',
  unknown: 'depends on an earlier stage that has no result yet',
  uncached: 'always runs: its results are stored in the run’s folder, not in the cache',
};

const UNCLEAR =
  'will run: its key differs from that of the last result of this pipeline, for an unknown reason';

/** Explains the stages of a pipeline file with the built-in plugins. */
export async function explainConfig(
  file: string,
  overrides: readonly string[] = [],
  options: CommonOptions = {},
): Promise<StageExplanation[]> {
  const settings = await loadSettings(options);
  return explainStages({ file, overrides, builtin: BUILTIN, settings });
}

export async function whyCommand(
  file: string,
  overrides: readonly string[],
  options: CommonOptions & { readonly stage?: string },
): Promise<void> {
  const explained = await explainConfig(findPipeline(file), overrides, options);
  const chosen = explained.filter(({ stage }) => (options.stage ?? stage) === stage);
  if (chosen.length === 0) {
    throw stageUnknown(
      options.stage!,
      explained.map(({ stage }) => stage),
    );
  }
  for (const one of chosen)
    process.stdout.write(
      linesOf(one)
        .map((line) => `${line}\n`)
        .join(''),
    );
}

function linesOf(explanation: StageExplanation): string[] {
  const { stage, verdict, key, changes, comparedWith, madeBy, problem } = explanation;
  const isUnclear = verdict === 'changed' && changes.length === 0;
  const isReferred = verdict === 'reused' && madeBy !== undefined;
  const lines = [
    `${stage}: ${isUnclear ? UNCLEAR : isReferred ? reusedText(madeBy) : VERDICTS[verdict]}`,
  ];
  if (key !== undefined) lines.push(`  key ${key}`);
  if (problem !== undefined) lines.push(`  ${problem}`);
  if (comparedWith !== undefined && changes.length > 0) {
    lines.push(`  compared with ${comparedWith.run}, ended on ${comparedWith.finishedAt}`);
  }
  return [...lines, ...changes.map((change) => `  ${change}`)];
}

function reusedText({ run, finishedAt }: NonNullable<StageExplanation['madeBy']>): string {
  return `will be reused from ${run}, trained on ${finishedAt}`;
}
