/** Commands that use the checkpoints of runs. Each command's module is loaded when it runs. */
import { Option, type Command } from 'commander';

import type { AverageCommandOptions } from '../commands/average.ts';
import type { PredictCommandOptions } from '../commands/predict.ts';
import {
  OVERRIDES,
  OTHER_MODEL,
  STAGE_OPTION_HELP,
  whichCheckpoint,
  wholeNumber,
  positiveNumber,
  listOfNumbers,
  type CommandContext,
} from './shared-options.ts';

export function addCheckpointCommands(
  program: Command,
  { setExitCode, offline }: CommandContext,
): void {
  program
    .command('predict')
    .description('solve a puzzle with the model of a run, and draw the answer')
    .argument('<from>', 'folder of a run or a checkpoint, or a .safetensors file')
    .argument(
      '[puzzle]',
      'the puzzle as text, a file with it (an ARC task too), or - for standard input',
    )
    .option('--example <n>', 'number of a dataset example to solve in place of a text', wholeNumber)
    .option('--split <split>', 'split that the example is in', 'test')
    .addOption(
      new Option(
        '--identifier <name>',
        'puzzle identifier that goes with a text: the name of an ARC task of the training data',
      ).conflicts('example'),
    )
    .option('--trace', 'show the answer after every supervision step')
    .option('--steps <n>', 'number of supervision steps (default: as in training)', positiveNumber)
    .addOption(
      new Option('--weights <which>', 'averaged weights, if there are any, or raw weights')
        .choices(['average', 'parameters'])
        .default('average'),
    )
    .option('--engine <name>', 'engine to use in place of the run’s')
    .option(
      '--pipeline <file>',
      'pipeline file with the model and the dataset, for weights that belong to no run',
    )
    .option('--stage <stage>', STAGE_OPTION_HELP)
    .addOption(whichCheckpoint())
    .option('--allow-other-model', OTHER_MODEL)
    .option('--json', 'print as JSON')
    .option('--offline', 'never use the network')
    .action(async (from: string, puzzle: string | undefined, options: PredictCommandOptions) => {
      const { predictCommand } = await import('../commands/predict.ts');
      setExitCode(await predictCommand(from, puzzle, { ...options, ...offline() }));
    });

  program
    .command('evaluate')
    .description('evaluate a run’s last or best checkpoint, or the one you name, without training')
    .argument('<from>', 'folder of a run, or of one of its checkpoints')
    .argument('[overrides...]', OVERRIDES)
    .option('--pipeline <file>', 'pipeline file to use in place of the run’s own')
    .option('--stage <stage>', STAGE_OPTION_HELP)
    .addOption(whichCheckpoint())
    .option('--allow-other-model', OTHER_MODEL)
    .option('--allow-other-data', 'allow data other than the run was started with')
    .option('--run-dir <folder>', 'exact folder of the new run (default: runs/<name>-<time>)')
    .option('--json', 'print events as JSON lines')
    .option('--offline', 'never use the network')
    .action(async (from: string, overrides: string[], options: object) => {
      const { evaluateCommand } = await import('../commands/evaluate.ts');
      setExitCode(await evaluateCommand(from, overrides, { ...options, ...offline() }));
    });

  program
    .command('average')
    .description('average the weights of several checkpoints into a new one')
    .argument('<checkpoints...>', 'folders of checkpoints or runs, or .safetensors files')
    .requiredOption('-o, --output <folder>', 'folder of the new checkpoint')
    .option(
      '--weights <list>',
      'weight of each checkpoint, such as 0.3,0.7 (default: equal)',
      listOfNumbers,
    )
    .addOption(
      new Option('--of <which>', 'averaged weights of each, if there are any, or raw weights')
        .choices(['average', 'parameters'])
        .default('average'),
    )
    .option('--stage <stage>', STAGE_OPTION_HELP)
    .addOption(whichCheckpoint())
    .option('--allow-other-model', OTHER_MODEL)
    .option('--json', 'print as JSON')
    .action(async (from: string[], options: AverageCommandOptions) => {
      const { averageCommand } = await import('../commands/average.ts');
      await averageCommand(from, { ...options, ...offline() });
    });
}
