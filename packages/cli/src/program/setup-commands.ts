/** Commands about this installation: plugins, engines, the machine. Each command's module is loaded when it runs. */
import { Argument, type Command } from 'commander';

import { SCRIPTS, SHELLS, type Shell } from '../completion/scripts.ts';

import { type CommandContext } from './shared-options.ts';

export function addSetupCommands(program: Command, { setExitCode, offline }: CommandContext): void {
  program
    .command('schema')
    .description('print the JSON Schema of pipeline files, for completion in editors')
    .argument('[file]', 'a pipeline file whose plugins to include')
    .option('-o, --output <file>', 'write it to a file')
    .action(async (file: string | undefined, options: { output?: string }) => {
      const { schemaCommand } = await import('../commands/schema.ts');
      await schemaCommand(file, options);
    });

  program
    .command('plugins')
    .description('list the plugins: kind, name, package, version, options')
    .argument('[filter]', 'a kind, a name, or kind/name; one plugin alone shows its options')
    .option('--file <file>', 'also list what this pipeline file declares')
    .option('--json', 'print as JSON')
    .action(async (filter: string | undefined, options: object) => {
      const { pluginsCommand } = await import('../commands/plugins.ts');
      await pluginsCommand(filter, options);
    });

  const engines = program
    .command('engines')
    .description('list engines: what is installed, what is missing, how to fix it')
    .action(async () => {
      const { enginesCommand } = await import('../commands/engines.ts');
      await enginesCommand();
    });
  engines
    .command('install')
    .description('fetch an engine into the cache, checked against its pinned sha256')
    .argument('<name>', 'for example xla-cpu')
    .action(async (name: string) => {
      const { installCommand } = await import('../commands/engines.ts');
      await installCommand(name, offline());
    });

  program
    .command('doctor')
    .description('check this machine: engines, memory, disk, settings')
    .action(async () => {
      const { doctorCommand } = await import('../commands/doctor.ts');
      setExitCode(await doctorCommand());
    });

  program
    .command('completion')
    .description('print a script that makes a shell complete commands, options, recipes and keys')
    .addArgument(new Argument('<shell>', 'your shell').choices(SHELLS))
    .action((shell: Shell) => {
      process.stdout.write(SCRIPTS[shell]);
    });

  // What those scripts ask at each TAB.
  program
    .command('complete', { hidden: true })
    .argument('[words...]', 'the command line after `pipeline`, up to the word being typed')
    .action(async (words: string[]) => {
      const { completeCommand } = await import('../commands/complete.ts');
      await completeCommand(program, words);
    });
}
