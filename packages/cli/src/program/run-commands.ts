/** Commands that run pipelines. Each command's module is loaded when it runs. */
import { Option, type Command } from 'commander';

import {
  OTHER_MODEL,
  OTHER_DATA,
  OTHER_OPTIONS,
  OTHER_PLUGINS,
  OVERRIDES,
  withFile,
  wholeNumber,
  positiveNumber,
  type CommandContext,
} from './shared-options.ts';

export function addRunCommands(program: Command, { setExitCode, offline }: CommandContext): void {
  withFile(program, 'run', 'run a pipeline')
    .option('--run-dir <folder>', 'exact folder of the run (default: runs/<name>-<time>)')
    .addOption(
      new Option(
        '--resume <how>',
        'auto: resume the unfinished run of this config, if there is one',
      ).choices(['auto']),
    )
    .option('--force [stage]', 're-run all stages, or only the named one')
    .option(
      '--from <stage>',
      're-run this stage and the later ones, on the finished results of the earlier ones',
    )
    .option('--until <stage>', 'stop after this stage')
    .option('--allow-other-model', OTHER_MODEL)
    .option('--allow-other-data', OTHER_DATA)
    .option('--allow-other-plugins', OTHER_PLUGINS)
    .option('--allow-other-options', OTHER_OPTIONS)
    .option('--json', 'print events as JSON lines')
    .option('-m, --multirun', 'sweep over the values of the overrides, as `pipeline sweep` does')
    .action(async (file: string, overrides: string[], options: { readonly multirun?: boolean }) => {
      if (options.multirun === true) {
        const { multirunCommand } = await import('../commands/multirun.ts');
        setExitCode(await multirunCommand(file, overrides, { ...options, ...offline() }));
        return;
      }
      const { runCommand } = await import('../commands/run.ts');
      setExitCode(await runCommand(file, overrides, { ...options, ...offline() }));
    });

  withFile(
    program,
    'sweep',
    'run a pipeline once for each combination of values, or each arm of `ablate:`',
  )
    .option('--jobs <n>', 'number of trials that run at the same time', positiveNumber, 1)
    .option('--trials <n>', 'number of combinations to draw at random', positiveNumber)
    .option('--sampler-seed <n>', 'seed of the random draws (default: 0)', wholeNumber)
    .option('--metric <name>', 'metric that sorts the table (default: exact_accuracy)')
    .addOption(
      new Option(
        '--mode <mode>',
        'max if larger is better, min if smaller is (default: max)',
      ).choices(['max', 'min']),
    )
    .option('--sweep-dir <folder>', 'exact folder of the sweep (default: sweeps/<name>-<time>)')
    .addOption(
      new Option(
        '--resume <how>',
        'auto: continue the latest unfinished sweep of the same trials',
      ).choices(['auto']),
    )
    .option('--json', 'print the results as JSON')
    .option('--csv', 'print one CSV line for each trial')
    .action(async (file: string, overrides: string[], options: object) => {
      const { sweepCommand } = await import('../commands/sweep.ts');
      setExitCode(await sweepCommand(file, overrides, { ...options, ...offline() }));
    });

  program
    .command('resume')
    .description(
      'resume a run from its last checkpoint, or a sweep; with overrides, continue in a new run',
    )
    .argument('<run>', 'folder of the run or of the sweep')
    .argument('[overrides...]', OVERRIDES)
    .option('--run-dir <folder>', 'exact folder of the new run (default: beside the old one)')
    .option('--jobs <n>', 'for a sweep: the number of trials at a time', positiveNumber, 1)
    .option('--allow-other-model', OTHER_MODEL)
    .option('--allow-other-data', OTHER_DATA)
    .option('--allow-other-plugins', OTHER_PLUGINS)
    .option('--allow-other-options', OTHER_OPTIONS)
    .option('--json', 'print events as JSON lines; for a sweep, print the results as JSON')
    .option('--offline', 'never use the network')
    .action(async (run: string, overrides: string[], options: object) => {
      const { resumeCommand } = await import('../commands/resume.ts');
      setExitCode(await resumeCommand(run, overrides, { ...options, ...offline() }));
    });
}
