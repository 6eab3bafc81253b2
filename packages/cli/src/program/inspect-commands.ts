/** Commands that compare, list and explain, and run nothing. Each command's module is loaded when it runs. */
import type { Command } from 'commander';

import { positiveNumber, wholeNumber, withFile, type CommandContext } from './shared-options.ts';

interface UiFlags {
  readonly port: number;
  readonly host: string;
  readonly open?: boolean;
  readonly json?: boolean;
}

export function addInspectCommands(
  program: Command,
  { setExitCode, offline }: CommandContext,
): void {
  program
    .command('diff')
    .description('compare two runs, or two pipeline files: config, data, versions, engine, metrics')
    .argument('<a>', 'folder of a run, or a pipeline file')
    .argument('<b>', 'the other')
    .option('--json', 'print as JSON')
    .action(async (a: string, b: string, options: { json?: boolean }) => {
      const { diffCommand } = await import('../commands/diff.ts');
      await diffCommand(a, b, { ...options, ...offline() });
    });

  program
    .command('runs')
    .description('list runs: status, progress, best metrics')
    .argument('[folder]', 'folder of the runs', 'runs')
    .option('--json', 'print as JSON')
    .action(async (folder: string, options: { json?: boolean }) => {
      const { runsCommand } = await import('../commands/runs.ts');
      await runsCommand(folder, options);
    });

  program
    .command('report')
    .description('write the HTML report of a run again, from its journal')
    .argument('<run>', 'folder of the run')
    .option('-o, --output <file>', 'file to write (default: report.html in the folder of the run)')
    .action(async (run: string, options: { output?: string }) => {
      const { reportCommand } = await import('../commands/report.ts');
      await reportCommand(run, options);
    });

  program
    .command('ui')
    .description('show runs and sweeps in the browser, live')
    .argument('[folder]', 'folder of runs, a run or a sweep (default: runs and sweeps)')
    .option('--port <port>', 'port to listen on, 0 for a free one', wholeNumber, 0)
    .option('--host <host>', 'loopback address to listen on', '127.0.0.1')
    .option('--open', 'open the browser even without a terminal')
    .option('--no-open', 'do not open the browser')
    .option('--json', 'print the address as JSON')
    .action(async (folder: string | undefined, options: UiFlags) => {
      const { uiCommand } = await import('../commands/ui.ts');
      await uiCommand(folder, options);
    });

  withFile(program, 'plan', 'measure what a run will need, without running it')
    .option('--json', 'print the plan as JSON')
    .action(async (file: string, overrides: string[], options: object) => {
      const { planCommand } = await import('../commands/plan.ts');
      setExitCode(await planCommand(file, overrides, { ...options, ...offline() }));
    });

  withFile(program, 'validate', 'check a pipeline file and report every error at once').action(
    async (file: string, overrides: string[], options: object) => {
      const { validateCommand } = await import('../commands/validate.ts');
      await validateCommand(file, overrides, { ...options, ...offline() });
    },
  );

  withFile(
    program,
    'verify-resume',
    'kill and resume a short run of a pipeline, and check that it equals an uninterrupted run bit for bit',
  )
    .option('--steps <n>', 'steps of the run', positiveNumber, 20)
    .option('--kills <n>', 'number of times it is killed', positiveNumber, 3)
    .action(
      async (file: string, overrides: string[], options: { steps: number; kills: number }) => {
        const { verifyResumeCommand } = await import('../commands/verify-resume.ts');
        setExitCode(await verifyResumeCommand(file, overrides, { ...options, ...offline() }));
      },
    );

  withFile(program, 'config', 'print the composed pipeline with the origin of every value')
    .option('--no-origins', 'print only the values, without origins')
    .action(async (file: string, overrides: string[], options: { origins: boolean }) => {
      const { configCommand } = await import('../commands/config.ts');
      await configCommand(file, overrides, { ...options, ...offline() });
    });

  withFile(program, 'why', 'explain why each stage’s result is reused or recomputed')
    .option('--stage <stage>', 'explain only this stage')
    .action(async (file: string, overrides: string[], options: object) => {
      const { whyCommand } = await import('../commands/why.ts');
      await whyCommand(file, overrides, { ...options, ...offline() });
    });
}
