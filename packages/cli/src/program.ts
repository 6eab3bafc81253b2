/** The commands and their options. Each command's module is loaded when it runs. */
import { readFileSync } from 'node:fs';

import { keepHangupIgnored } from '@eddy/core/files';
import { Command } from 'commander';

import { addCheckpointCommands } from './program/checkpoint-commands.ts';
import { addExchangeCommands } from './program/exchange-commands.ts';
import { addInspectCommands } from './program/inspect-commands.ts';
import { addRunCommands } from './program/run-commands.ts';
import { addSetupCommands } from './program/setup-commands.ts';
import { addShareCommands } from './program/share-commands.ts';
import { addWriteCommands } from './program/write-commands.ts';
import type { CommandContext } from './program/shared-options.ts';

export { NEW_PLUGIN_KINDS } from './program/write-commands.ts';

/** @param setExitCode  told what the command that ran ends with, unless it throws. */
export function createProgram(setExitCode: (code: number) => void): Command {
  const program = new Command('pipeline')
    .description(
      'Declarative pipelines for tiny recursive models: data, training and evaluation in one YAML file.',
    )
    .version(version(), '-V, --version', 'print the version of Eddy')
    .exitOverride()
    .showHelpAfterError('(add --help for the options)')
    .option('--offline', 'never use the network')
    // Before anything that the command loads can listen to the signal.
    .hook('preAction', keepHangupIgnored);

  const context: CommandContext = {
    setExitCode,
    offline: () => (program.opts<{ offline?: boolean }>().offline ? { offline: true } : {}),
  };
  // In the order of --help.
  addWriteCommands(program);
  addRunCommands(program, context);
  addCheckpointCommands(program, context);
  addShareCommands(program, context);
  addInspectCommands(program, context);
  addExchangeCommands(program, context);
  addSetupCommands(program, context);
  return program;
}

function version(): string {
  const manifest = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
