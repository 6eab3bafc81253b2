/** Commands that use the checkpoints of runs. Each command's module is loaded when it runs. */
import { Option, type Command } from 'commander';

import type { AverageCommandOptions } from '../commands/average.ts';
import type { PredictCommandOptions } from '../commands/predict.ts';
import {
  OVERRIDES,
  OTHER_MODEL,
  WHOSE_CHECKPOINT,
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
    .option('--example <n>', 'an example of the dataset in place of a text', wholeNumber)
    .option('--split <split>', 'split that the example is in', 'test')
    .addOption(
      new Option(
        '--identifier <name>',
        'puzzle identifier to ask a text with: an ARC task that was trained',
      ).conflicts('example'),
    )
    .option('--trace', 'show the answer after every supervision step')
    .option('--steps <n>', 'supervision steps; as in training by default', positiveNumber)
    .addOption(
      new Option('--weights <which>', 'the averaged weights, where there are some, or the raw ones')
        .choices(['average', 'parameters'])
        .default('average'),
    )
    .option('--engine <name>', 'another engine than that of the run')
    .option('--pipeline <file>', 'where model and dataset are described, for weights of no run')
    .option('--stage <stage>', WHOSE_CHECKPOINT)
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
    .argument('<from>', 'folder of a run or of a checkpoint in one')
    .argument('[overrides...]', OVERRIDES)
    .option('--pipeline <file>', 'pipeline file to take in place of the run’s own')
    .option('--stage <stage>', WHOSE_CHECKPOINT)
    .addOption(whichCheckpoint())
    .option('--allow-other-model', OTHER_MODEL)
    .option('--allow-other-data', 'measure on other data than the run was started with')
    .option('--run-dir <folder>', 'exact folder of the new run (default: runs/<name>-<time>)')
    .option('--json', 'print events as JSON lines')
    .option('--offline', 'never use the network')
    .action(async (from: string, overrides: string[], options: object) => {
      const { evaluateCommand } = await import('../commands/evaluate.ts');
      setExitCode(await evaluateCommand(from, overrides, { ...options, ...offline() }));
    });

  program
    .command('average')
    .description('write the weighted mean of the weights of several checkpoints as a new one')
    .argument('<checkpoints...>', 'folders of checkpoints or runs, or .safetensors files')
    .requiredOption('-o, --output <folder>', 'folder of the new checkpoint')
    .option('--weights <list>', 'α of each, such as 0.3,0.7; equal by default', listOfNumbers)
    .addOption(
      new Option(
        '--of <which>',
        'the averaged weights of each, where there are some, or the raw ones',
      )
        .choices(['average', 'parameters'])
        .default('average'),
    )
    .option('--stage <stage>', WHOSE_CHECKPOINT)
    .addOption(whichCheckpoint())
    .option('--allow-other-model', OTHER_MODEL)
    .option('--json', 'print as JSON')
    .action(async (from: string[], options: AverageCommandOptions) => {
      const { averageCommand } = await import('../commands/average.ts');
      await averageCommand(from, { ...options, ...offline() });
    });
}
