/** Commands that write files to start from. Each command's module is loaded when it runs. */
import { Argument, type Command } from 'commander';

/** Kinds with a template; listed here because templates are not read for `--help`. */
export const NEW_PLUGIN_KINDS = [
  'model',
  'optimizer',
  'dataset',
  'evaluator',
  'stage',
  'logger',
  'engine',
];

export function addWriteCommands(program: Command): void {
  program
    .command('init')
    .description('write a pipeline file from a recipe; it runs as it is')
    .argument('[file]', 'file to write (default: pipeline.yml)')
    .option('--recipe <name>', 'recipe to start from (default: sudoku-4x4)')
    .option('-o, --output <file>', 'file to write, in place of the argument')
    .action(async (file: string | undefined, options: { recipe?: string; output?: string }) => {
      const { initCommand } = await import('../commands/init.ts');
      await initCommand(file, options);
    });

  program
    .command('new')
    .description('write a working plugin file with its test, and show how to use it')
    .addArgument(new Argument('<kind>', 'kind of plugin').choices(NEW_PLUGIN_KINDS))
    .argument('<file>', 'TypeScript file to write; its name becomes the name of the plugin')
    .option('--force', 'overwrite the files if they exist')
    .action(async (kind: string, file: string, options: { force?: boolean }) => {
      const { newCommand } = await import('../commands/new.ts');
      await newCommand(kind, file, options);
    });
}
