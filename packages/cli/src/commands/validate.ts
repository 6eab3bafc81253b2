import { loadPipeline, type CommonOptions } from '../project/load.ts';

export async function validateCommand(
  file: string,
  overrides: readonly string[],
  options: CommonOptions,
): Promise<void> {
  const { name, stages, parts } = await loadPipeline(file, overrides, options);
  const plugins = parts.map(({ kind, reference }) => `${kind} ${reference.use}`);
  process.stdout.write(`${name}: valid\n`);
  process.stdout.write(`  stages   ${stages.map((stage) => stage.name).join(' → ')}\n`);
  process.stdout.write(`  plugins  ${plugins.join(', ')}\n`);
}
