import { explainStages, stageUnknown, type StageExplanation } from '@eddy/core/run';

import { BUILTIN } from '../project/builtin.ts';
import { findPipeline } from '../project/find-pipeline.ts';
import { loadSettings, type CommonOptions } from '../project/load.ts';

const VERDICTS: Record<StageExplanation['verdict'], string> = {
  reused: 'its result is in the cache and will be reused',
  first: 'will be made: no result of this stage was kept before',
  changed: 'will be made: these inputs differ from those of the result used last',
  unknown: 'depends on a stage before it, whose result is not there yet',
  uncached: 'keeps nothing in the cache; what it makes lies in the folder of the run',
};

const UNCLEAR =
  'will be made: its key is not that of the result used last; what made the difference is not known';

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
  for (const { stage, verdict, key, changes } of chosen) {
    const isUnclear = verdict === 'changed' && changes.length === 0;
    process.stdout.write(`${stage}: ${isUnclear ? UNCLEAR : VERDICTS[verdict]}\n`);
    if (key !== undefined) process.stdout.write(`  key ${key}\n`);
    for (const change of changes) process.stdout.write(`  ${change}\n`);
  }
}
