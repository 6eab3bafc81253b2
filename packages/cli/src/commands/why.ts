import { explainStages, stageUnknown, type StageExplanation } from '@eddy/core/run';

import { BUILTIN } from '../project/builtin.ts';
import { findPipeline } from '../project/find-pipeline.ts';
import { loadSettings, type CommonOptions } from '../project/load.ts';

const VERDICTS: Record<StageExplanation['verdict'], string> = {
  reused: 'its result is in the cache and will be reused',
  first: 'will be made: this pipeline has no earlier result of this stage to compare with',
  changed: 'will be made: these inputs differ from those of the last result of this pipeline',
  lost: 'will be made again from the same inputs',
  unknown: 'depends on a stage before it, whose result is not there yet',
  uncached: 'keeps nothing in the cache; what it makes lies in the folder of the run',
};

const UNCLEAR =
  'will be made: its key is not that of the last result of this pipeline; what made the difference is not known';

/** Explains the stages of a pipeline file with the built-in plugins. */
export async function explainConfig(
  file: string,
  overrides: readonly string[] = [],
  options: CommonOptions = {},
): Promise<StageExplanation[]> {
  const settings = await loadSettings(options);
  const warn = (text: string) => void process.stderr.write(`warning: ${text}\n`);
  return explainStages({ file, overrides, builtin: BUILTIN, settings, warn });
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
