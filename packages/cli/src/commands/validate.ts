import { formatProblems } from '@eddy/core/config';
import { checkStages } from '@eddy/core/run';

import { loadSettings, loadUnchecked, type CommonOptions } from '../project/load.ts';

export async function validateCommand(
  file: string,
  overrides: readonly string[],
  options: CommonOptions,
): Promise<void> {
  const pipeline = await loadUnchecked(file, overrides, options);
  const warnings = await checkStages(pipeline, await loadSettings(options), 'runs');
  const { name, stages, parts } = pipeline;
  const plugins = parts.map(({ kind, reference }) => `${kind} ${reference.use}`);
  const count = warnings.length === 1 ? '1 warning' : `${warnings.length} warnings`;
  process.stdout.write(`${name}: valid${warnings.length === 0 ? '' : `, ${count}`}\n`);
  process.stdout.write(`  stages   ${stages.map((stage) => stage.name).join(' → ')}\n`);
  process.stdout.write(`  plugins  ${plugins.join(', ')}\n`);
  for (const text of formatProblems(warnings)) process.stdout.write(`\nwarning  ${text}\n`);
}
