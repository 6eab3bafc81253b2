/** The commands and their options. Each command's module is loaded when it runs. */
import { readFileSync } from 'node:fs';

import { Argument, Command, InvalidArgumentError, Option } from 'commander';

import type { AverageCommandOptions } from './commands/average.ts';
import type { ExportCommandOptions } from './commands/export.ts';
import type { ImportCommandOptions } from './commands/import.ts';
import type { PredictCommandOptions } from './commands/predict.ts';

const OVERRIDES = 'overrides in Hydra’s grammar: train.epochs=3 +x.y=z ~x.y "list=[1,2]"';
const REFERENCE =
  "its commands in quotes: 'python pretrain.py arch=trm …', overrides alone, a script with them, or all_config.yaml of a run";
const OTHER_MODEL =
  'use weights in another model than they were trained in (heads, positions, cycles …)';
const OTHER_DATA = 'go on with other data than the run was started with';
const WHOSE_CHECKPOINT =
  'of a run with several trainings: the stage whose checkpoint to take (default: the last)';
const FILE = 'pipeline file, or the name of a recipe: sudoku-4x4';

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

/** @param setExitCode  told what the command that ran ends with, unless it throws. */
export function createProgram(setExitCode: (code: number) => void): Command {
  const program = new Command('pipeline')
    .description(
      'Declarative pipelines for tiny recursive models: data, training and evaluation in one YAML file.',
    )
    .version(version(), '-V, --version', 'print the version of Eddy')
    .exitOverride()
    .showHelpAfterError('(add --help for the options)')
    .option('--offline', 'never use the network');

  const offline = () => (program.opts<{ offline?: boolean }>().offline ? { offline: true } : {});
  const withFile = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .argument('<file>', FILE)
      .argument('[overrides...]', OVERRIDES)
      .option('--offline', 'never use the network');

  program
    .command('init')
    .description('write a pipeline file that runs as it is, to change as you like')
    .argument('[file]', 'pipeline.yml by default')
    .option('--recipe <name>', 'recipe to start from: sudoku-4x4 by default')
    .action(async (file: string | undefined, options: { recipe?: string }) => {
      const { initCommand } = await import('./commands/init.ts');
      await initCommand(file, options);
    });

  program
    .command('new')
    .description('write a plugin file that runs, with its test, and show how to use it')
    .addArgument(new Argument('<kind>', 'kind of plugin').choices(NEW_PLUGIN_KINDS))
    .argument('<file>', 'TypeScript file to write; its name becomes the name of the plugin')
    .option('--force', 'overwrite the files if they exist')
    .action(async (kind: string, file: string, options: { force?: boolean }) => {
      const { newCommand } = await import('./commands/new.ts');
      await newCommand(kind, file, options);
    });

  withFile('run', 'run a pipeline')
    .option('--run-dir <folder>', 'exact folder of the run (default: runs/<name>-<time>)')
    .addOption(
      new Option(
        '--resume <how>',
        'auto: go on with the unfinished run of this config, if there is one',
      ).choices(['auto']),
    )
    .option('--force [stage]', 'make results anew: of all stages, or of one')
    .option('--from <stage>', 'make the results of this stage and the later ones anew')
    .option('--until <stage>', 'end after this stage')
    .option('--allow-other-model', OTHER_MODEL)
    .option('--allow-other-data', OTHER_DATA)
    .option('--json', 'print events as JSON lines')
    .option('-m, --multirun', 'sweep over the values of the overrides, as `pipeline sweep` does')
    .action(async (file: string, overrides: string[], options: { readonly multirun?: boolean }) => {
      if (options.multirun === true) {
        const { multirunCommand } = await import('./commands/multirun.ts');
        setExitCode(await multirunCommand(file, overrides, { ...options, ...offline() }));
        return;
      }
      const { runCommand } = await import('./commands/run.ts');
      setExitCode(await runCommand(file, overrides, { ...options, ...offline() }));
    });

  withFile('sweep', 'run a pipeline once for each combination of values, or each arm of `ablate:`')
    .option('--jobs <n>', 'trials at a time', positiveNumber, 1)
    .option('--trials <n>', 'draw so many combinations at random', positiveNumber)
    .option('--sampler-seed <n>', 'of the draws (default: 0)', wholeNumber)
    .option('--metric <name>', 'what sorts the table (default: exact_accuracy)')
    .addOption(
      new Option('--mode <mode>', 'whether large or small is good (default: max)').choices([
        'max',
        'min',
      ]),
    )
    .option('--sweep-dir <folder>', 'exact folder of the sweep (default: sweeps/<name>-<time>)')
    .addOption(
      new Option(
        '--resume <how>',
        'auto: go on with the latest sweep of the same trials, unless it has ended',
      ).choices(['auto']),
    )
    .option('--json', 'print the results as JSON')
    .option('--csv', 'print a line a trial as CSV')
    .action(async (file: string, overrides: string[], options: object) => {
      const { sweepCommand } = await import('./commands/sweep.ts');
      setExitCode(await sweepCommand(file, overrides, { ...options, ...offline() }));
    });

  program
    .command('resume')
    .description('go on with a run from its last checkpoint, or with a sweep')
    .argument('<run>', 'folder of the run or of the sweep')
    .option('--jobs <n>', 'of a sweep: trials at a time', positiveNumber, 1)
    .option('--allow-other-model', OTHER_MODEL)
    .option('--allow-other-data', OTHER_DATA)
    .option('--json', 'print events as JSON lines; of a sweep, the results as JSON')
    .option('--offline', 'never use the network')
    .action(async (run: string, options: object) => {
      const { resumeCommand } = await import('./commands/resume.ts');
      setExitCode(await resumeCommand(run, { ...options, ...offline() }));
    });

  program
    .command('predict')
    .description('solve a puzzle with the model of a run, and draw the answer')
    .argument('<from>', 'folder of a run or a checkpoint, or a .safetensors file')
    .argument(
      '[puzzle]',
      'the puzzle as text, a file with it (an ARC task too), or - for standard input',
    )
    .option('--example <n>', 'an example of the dataset in place of a text', wholeNumber)
    .option('--split <split>', 'of that example', 'test')
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
    .option('--allow-other-model', OTHER_MODEL)
    .option('--json', 'print as JSON')
    .option('--offline', 'never use the network')
    .action(async (from: string, puzzle: string | undefined, options: PredictCommandOptions) => {
      const { predictCommand } = await import('./commands/predict.ts');
      setExitCode(await predictCommand(from, puzzle, { ...options, ...offline() }));
    });

  program
    .command('evaluate')
    .description('evaluate a run’s last checkpoint, or one of them, without training')
    .argument('<from>', 'folder of a run or of a checkpoint in one')
    .argument('[overrides...]', OVERRIDES)
    .option('--pipeline <file>', 'pipeline file to take in place of the run’s own')
    .option('--stage <stage>', WHOSE_CHECKPOINT)
    .option('--allow-other-model', OTHER_MODEL)
    .option('--run-dir <folder>', 'exact folder of the new run (default: runs/<name>-<time>)')
    .option('--json', 'print events as JSON lines')
    .option('--offline', 'never use the network')
    .action(async (from: string, overrides: string[], options: object) => {
      const { evaluateCommand } = await import('./commands/evaluate.ts');
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
    .option('--allow-other-model', OTHER_MODEL)
    .option('--json', 'print as JSON')
    .action(async (from: string[], options: AverageCommandOptions) => {
      const { averageCommand } = await import('./commands/average.ts');
      await averageCommand(from, { ...options, ...offline() });
    });

  program
    .command('diff')
    .description('compare two runs, or two pipeline files: config, data, versions, engine, metrics')
    .argument('<a>', 'folder of a run, or a pipeline file')
    .argument('<b>', 'the other')
    .option('--json', 'print as JSON')
    .action(async (a: string, b: string, options: { json?: boolean }) => {
      const { diffCommand } = await import('./commands/diff.ts');
      await diffCommand(a, b, { ...options, ...offline() });
    });

  program
    .command('runs')
    .description('list runs: how they stand, how far they are, what they reached')
    .argument('[folder]', 'folder of the runs', 'runs')
    .option('--json', 'print as JSON')
    .action(async (folder: string, options: { json?: boolean }) => {
      const { runsCommand } = await import('./commands/runs.ts');
      await runsCommand(folder, options);
    });

  withFile('plan', 'measure what a run will need, without running it')
    .option('--json', 'print the plan as JSON')
    .action(async (file: string, overrides: string[], options: object) => {
      const { planCommand } = await import('./commands/plan.ts');
      setExitCode(await planCommand(file, overrides, { ...options, ...offline() }));
    });

  withFile('validate', 'check a pipeline file: every error at once').action(
    async (file: string, overrides: string[], options: object) => {
      const { validateCommand } = await import('./commands/validate.ts');
      await validateCommand(file, overrides, { ...options, ...offline() });
    },
  );

  withFile('config', 'print the composed pipeline with the origin of every value')
    .option('--no-origins', 'only the values')
    .action(async (file: string, overrides: string[], options: { origins: boolean }) => {
      const { configCommand } = await import('./commands/config.ts');
      await configCommand(file, overrides, { ...options, ...offline() });
    });

  withFile('why', 'tell why each stage’s result is reused or made anew')
    .option('--stage <stage>', 'only this stage')
    .action(async (file: string, overrides: string[], options: object) => {
      const { whyCommand } = await import('./commands/why.ts');
      await whyCommand(file, overrides, { ...options, ...offline() });
    });

  program
    .command('import')
    .description('make a checkpoint of weights that the Python reference saved (step_N)')
    .argument('<weights>', 'file of torch.save, or safetensors with the reference’s names')
    .argument('[overrides...]', OVERRIDES)
    .requiredOption('--pipeline <file>', 'pipeline file that describes the model')
    .requiredOption('-o, --output <folder>', 'folder of checkpoints to put it into')
    .option('--step <n>', 'its step (default: from the file’s name, else 0)', wholeNumber)
    .option('--identifiers <file>', 'identifiers.json of the dataset it was trained on')
    .option('--allow-other-model', OTHER_MODEL)
    .action(async (weights: string, overrides: string[], options: ImportCommandOptions) => {
      const { importCommand } = await import('./commands/import.ts');
      await importCommand(weights, overrides, { ...options, ...offline() });
    });

  program
    .command('export')
    .description('write the weights of a checkpoint, or its supervision step, for other tools')
    .argument('<checkpoint>', 'folder of a run or of a checkpoint')
    .argument('[overrides...]', OVERRIDES)
    .addOption(
      new Option('--format <format>', 'what to write')
        .choices(['safetensors', 'state-dict', 'onnx'])
        .makeOptionMandatory(),
    )
    .requiredOption('-o, --output <file>', 'file to write')
    .addOption(
      new Option('--names <names>', 'of tensors in safetensors: ours, or the Python reference’s')
        .choices(['ours', 'reference'])
        .default('ours'),
    )
    .addOption(
      new Option('--weights <which>', 'the average where there is one, or the raw parameters')
        .choices(['average', 'parameters'])
        .default('average'),
    )
    .option('--batch-size <n>', 'rows of a call of the ONNX model', positiveNumber, 1)
    .option('--pipeline <file>', 'pipeline file of the model, if the checkpoint lies in no run')
    .option('--stage <stage>', WHOSE_CHECKPOINT)
    .option('--allow-other-model', OTHER_MODEL)
    .action(async (checkpoint: string, overrides: string[], options: ExportCommandOptions) => {
      const { exportCommand } = await import('./commands/export.ts');
      await exportCommand(checkpoint, overrides, { ...options, ...offline() });
    });

  program
    .command('from-reference')
    .description('write the pipeline of a command line of the Python reference, or of a run of it')
    .argument('<command...>', REFERENCE)
    .option('-o, --output <file>', 'write it to a file')
    .option('--training <n>', 'which training of a text with several, from 1', positiveNumber)
    .action(async (command: string[], options: { output?: string; training?: number }) => {
      const { fromReferenceCommand } = await import('./commands/from-reference.ts');
      await fromReferenceCommand(command, options);
    });

  program
    .command('export-dataset')
    .description('write a dataset as files of another program')
    .argument('<source>', 'pipeline file, name of a recipe, or folder of a built dataset')
    .argument('[overrides...]', OVERRIDES)
    .requiredOption('-o, --output <folder>', 'folder to make')
    .addOption(
      new Option('--format <format>', 'reference: .npy and JSON, as TRM and HRM read them')
        .choices(['reference'])
        .default('reference'),
    )
    .action(async (source: string, overrides: string[], options: { output: string }) => {
      const { exportDatasetCommand } = await import('./commands/export-dataset.ts');
      setExitCode(await exportDatasetCommand(source, overrides, { ...options, ...offline() }));
    });

  program
    .command('schema')
    .description('print the JSON Schema of pipeline files, for completion in editors')
    .argument('[file]', 'a pipeline file whose own plugins it shall know')
    .option('-o, --output <file>', 'write it to a file')
    .action(async (file: string | undefined, options: { output?: string }) => {
      const { schemaCommand } = await import('./commands/schema.ts');
      await schemaCommand(file, options);
    });

  program
    .command('plugins')
    .description('list the plugins: kind, name, package, version, options')
    .argument('[filter]', 'a kind, a name, or kind/name; one plugin alone shows its options')
    .option('--file <file>', 'also list what this pipeline file declares')
    .option('--json', 'print as JSON')
    .action(async (filter: string | undefined, options: object) => {
      const { pluginsCommand } = await import('./commands/plugins.ts');
      await pluginsCommand(filter, options);
    });

  const engines = program
    .command('engines')
    .description('list the engines, what is missing, and what mends it')
    .action(async () => {
      const { enginesCommand } = await import('./commands/engines.ts');
      await enginesCommand();
    });
  engines
    .command('install')
    .description('fetch an engine into the cache, checked against its pinned sha256')
    .argument('<name>', 'for example xla-cpu')
    .action(async (name: string) => {
      const { installCommand } = await import('./commands/engines.ts');
      await installCommand(name, offline());
    });

  program
    .command('doctor')
    .description('check this machine: engines, memory, disk, settings')
    .action(async () => {
      const { doctorCommand } = await import('./commands/doctor.ts');
      setExitCode(await doctorCommand());
    });

  return program;
}

function version(): string {
  const manifest = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('expected a whole number');
  return Number(text);
}

function positiveNumber(text: string): number {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError('expected 1 or more');
  return value;
}

function listOfNumbers(text: string): number[] {
  const numbers = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (!numbers.every(Number.isFinite)) throw new InvalidArgumentError('expected numbers: 0.3,0.7');
  return numbers;
}
