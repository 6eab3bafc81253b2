import { checkStages } from '@eddy/core/run';

import { loadPipeline, loadSettings, type CommonOptions } from '../project/load.ts';

export async function validateCommand(
  file: string,
  overrides: readonly string[],
  options: CommonOptions,
): Promise<void> {
  const pipeline = await loadPipeline(file, overrides, options);
  await checkStages(pipeline, await loadSettings(options));
  const { name, stages, parts } = pipeline;
  const plugins = parts.map(({ kind, reference }) => `${kind} ${reference.use}`);
  process.stdout.write(`${name}: valid\n`);
  process.stdout.write(`  stages   ${stages.map((stage) => stage.name).join(' → ')}\n`);
  process.stdout.write(`  plugins  ${plugins.join(', ')}\n`);
}
