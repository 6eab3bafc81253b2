/** Commands that read and write the files of other programs. Each command's module is loaded when it runs. */
import { Option, type Command } from 'commander';

import type { ExportCommandOptions } from '../commands/export.ts';
import type { ImportCommandOptions } from '../commands/import.ts';
import {
  OVERRIDES,
  OTHER_MODEL,
  STAGE_OPTION_HELP,
  whichCheckpoint,
  wholeNumber,
  positiveNumber,
  type CommandContext,
} from './shared-options.ts';

const REFERENCE =
  "commands in quotes: 'python pretrain.py arch=trm …', overrides alone, a script with such commands, or the all_config.yaml of a run";

export function addExchangeCommands(
  program: Command,
  { setExitCode, offline }: CommandContext,
): void {
  program
    .command('import')
    .description('convert weights that the Python reference saved (step_N) into a checkpoint')
    .argument(
      '<weights>',
      'file written by torch.save, or safetensors with the reference’s tensor names',
    )
    .argument('[overrides...]', OVERRIDES)
    .requiredOption('--pipeline <file>', 'pipeline file that describes the model')
    .requiredOption('-o, --output <folder>', 'folder of checkpoints to write it to')
    .option('--step <n>', 'its step number (default: from the file’s name, else 0)', wholeNumber)
    .option('--identifiers <file>', 'identifiers.json of the dataset it was trained on')
    .option('--allow-other-model', OTHER_MODEL)
    .action(async (weights: string, overrides: string[], options: ImportCommandOptions) => {
      const { importCommand } = await import('../commands/import.ts');
      await importCommand(weights, overrides, { ...options, ...offline() });
    });

  program
    .command('export')
    .description('write the weights of a checkpoint, or its supervision step, for other tools')
    .argument('<checkpoint>', 'folder of a run or of a checkpoint')
    .argument('[overrides...]', OVERRIDES)
    .addOption(
      new Option('--format <format>', 'what to write')
        .choices(['safetensors', 'state-dict', 'onnx', 'web'])
        .makeOptionMandatory(),
    )
    .requiredOption('-o, --output <file>', 'file to write')
    .addOption(
      new Option(
        '--names <names>',
        'names of tensors in safetensors: Eddy’s, or the Python reference’s',
      )
        .choices(['ours', 'reference'])
        .default('ours'),
    )
    .addOption(
      new Option('--weights <which>', 'averaged weights, if there are any, or raw weights')
        .choices(['average', 'parameters'])
        .default('average'),
    )
    .option('--batch-size <n>', 'batch size of the ONNX model', positiveNumber, 1)
    .option('--pipeline <file>', 'pipeline file of the model, if the checkpoint lies in no run')
    .option('--stage <stage>', STAGE_OPTION_HELP)
    .addOption(whichCheckpoint())
    .option('--allow-other-model', OTHER_MODEL)
    .action(async (checkpoint: string, overrides: string[], options: ExportCommandOptions) => {
      const { exportCommand } = await import('../commands/export.ts');
      await exportCommand(checkpoint, overrides, { ...options, ...offline() });
    });

  program
    .command('from-reference')
    .description('translate a command line or a run of the Python reference into a pipeline')
    .argument('<command...>', REFERENCE)
    .option('-o, --output <file>', 'write it to a file')
    .option(
      '--training <n>',
      'number of the training to translate, from 1, if the text has several',
      positiveNumber,
    )
    .action(async (command: string[], options: { output?: string; training?: number }) => {
      const { fromReferenceCommand } = await import('../commands/from-reference.ts');
      await fromReferenceCommand(command, options);
    });

  program
    .command('export-dataset')
    .description('write a dataset in the file format of another program')
    .argument('<source>', 'pipeline file, name of a recipe, or folder of a built dataset')
    .argument('[overrides...]', OVERRIDES)
    .requiredOption('-o, --output <folder>', 'folder to make')
    .addOption(
      new Option('--format <format>', 'reference: .npy and JSON, as TRM and HRM read them')
        .choices(['reference'])
        .default('reference'),
    )
    .action(async (source: string, overrides: string[], options: { output: string }) => {
      const { exportDatasetCommand } = await import('../commands/export-dataset.ts');
      setExitCode(await exportDatasetCommand(source, overrides, { ...options, ...offline() }));
    });
}
