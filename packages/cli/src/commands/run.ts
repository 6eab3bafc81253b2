import { runPipeline, type RunOutcome, type RunPipelineOptions } from '@eddy/core/run';

import { BUILTIN } from '../project/builtin.ts';
import { allowancesOf, type Allowances } from './allowances.ts';
import { EXIT } from '../process/exit-codes.ts';
import { findPipeline } from '../project/find-pipeline.ts';
import { loadSettings, type CommonOptions } from '../project/load.ts';
import { renderError } from '../render/error.ts';
import { tolerateLostOutput } from '../process/standard-streams.ts';
import { withStopSignal } from '../process/stop-signal.ts';

interface RunOptions extends CommonOptions, Allowances {
  readonly runDir?: string;
  readonly resume?: 'auto';
  readonly force?: boolean | string;
  readonly from?: string;
  readonly until?: string;
  readonly json?: boolean;
}

export async function runCommand(
  name: string,
  overrides: readonly string[],
  { runDir, resume, force, from, until, ...options }: RunOptions,
): Promise<number> {
  return runAndReport(
    {
      file: findPipeline(name),
      overrides,
      ...allowancesOf(options),
      ...(runDir === undefined ? {} : { runFolder: runDir }),
      ...(resume === undefined ? {} : { resume }),
      ...(force === undefined ? {} : { force }),
      ...(from === undefined ? {} : { from }),
      ...(until === undefined ? {} : { until }),
    },
    options,
  );
}

/** Runs until done or stopped, prints how it failed, and gives the exit code. */
export async function runAndReport(
  run: Omit<RunPipelineOptions, 'builtin' | 'settings'>,
  options: CommonOptions & { readonly json?: boolean },
): Promise<number> {
  const settings = await loadSettings(options);
  tolerateLostOutput();
  const outcome = await withStopSignal((stop) =>
    runPipeline({
      ...run,
      builtin: BUILTIN,
      settings,
      stop,
      onEvents: (events$) => {
        events$.subscribe((event) => {
          if (event.type === 'run-finished') stop.workIsOver();
        });
      },
      ...(options.json === true ? { loggers: jsonToConsole } : {}),
    }),
  );
  return report(outcome);
}

const jsonToConsole: NonNullable<RunPipelineOptions['loggers']> = (declared) => [
  { use: 'console', format: 'json' },
  ...declared.filter(({ use }) => use !== 'console'),
];

function report({ status, error, afterwards = [] }: RunOutcome): number {
  for (const text of afterwards) process.stderr.write(`${text}\n`);
  if (error === undefined) return EXIT.done;
  const { text, code } = renderError(error);
  process.stderr.write(`${text}\n`);
  return status === 'stopped' ? EXIT.stopped : code;
}
