/** Commands that hand a run on and take one over. Each command's module is loaded when it runs. */
import { InvalidArgumentError, type Command } from 'commander';

import type { PackCommandOptions } from '../commands/pack.ts';
import type { ReplayCommandOptions } from '../commands/replay.ts';
import type { CommandContext } from './shared-options.ts';

export function addShareCommands(program: Command, { setExitCode, offline }: CommandContext): void {
  program
    .command('pack')
    .description('pack a run into one archive: config, plugins, weights, metrics, report')
    .argument('<run>', 'folder of a run')
    .option('-o, --output <file>', 'archive to write (default: <name of the folder>.zip)')
    .option('--data', 'also pack the data that its evaluations read')
    .option('--json', 'print as JSON')
    .action(async (run: string, options: PackCommandOptions) => {
      const { packCommand } = await import('../commands/pack.ts');
      await packCommand(run, { ...options, ...offline() });
    });

  program
    .command('replay')
    .description('unpack an archive of a run, verify it, evaluate it again and compare the numbers')
    .argument('<archive>', 'archive of `pipeline pack`, or the folder that it was unpacked to')
    .option('-o, --output <folder>', 'folder to unpack to (default: <archive>-replayed)')
    .option('--trust-plugins', 'run the code that is in the archive')
    .option('--only-unpack', 'unpack and verify; run nothing')
    .option('--engine <name>', 'engine to use in place of the run’s')
    .option(
      '--tolerance <x>',
      'largest relative difference at which two numbers count as equal',
      share,
      0,
    )
    .option('--json', 'print as JSON')
    .option('--offline', 'never use the network')
    .action(async (archive: string, options: ReplayCommandOptions) => {
      const { replayCommand } = await import('../commands/replay.ts');
      setExitCode(await replayCommand(archive, { ...options, ...offline() }));
    });
}

function share(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value >= 0 && value < 1)) throw new InvalidArgumentError('expected 0 or more, below 1');
  return value;
}
