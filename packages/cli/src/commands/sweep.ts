import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import {
  armTable,
  openSweep,
  runSweep,
  trialsCsv,
  type Mode,
  type SweepEvent,
  type SweepOutcome,
} from '@eddy/core/run';
import { toJson, type SweepFolder } from '@eddy/core/report';
import { refuseHosts } from '@eddy/engines/hosts';

import { BUILTIN } from '../project/builtin.ts';
import { EXIT } from '../process/exit-codes.ts';
import { findPipeline } from '../project/find-pipeline.ts';
import { loadSettings, type CommonOptions } from '../project/load.ts';
import { renderError } from '../render/error.ts';
import { renderTable } from '../render/table.ts';
import { sweepLine } from '../render/sweep.ts';
import { tolerateLostOutput } from '../process/standard-streams.ts';
import { withStopSignal } from '../process/stop-signal.ts';

/** How the trials run, and what is printed at the end. */
export interface SweepRunOptions extends CommonOptions {
  readonly jobs?: number;
  readonly json?: boolean;
  readonly csv?: boolean;
}

export interface SweepOptions extends SweepRunOptions {
  readonly trials?: number;
  readonly samplerSeed?: number;
  readonly metric?: string;
  readonly mode?: Mode;
  readonly sweepDir?: string;
  readonly resume?: 'auto';
}

export async function sweepCommand(
  name: string,
  overrides: readonly string[],
  { trials, samplerSeed = 0, metric, mode, sweepDir, resume, ...options }: SweepOptions,
): Promise<number> {
  await refuseHosts('a sweep'); // its trials are processes of their own
  const sweep = await openSweep(
    {
      file: findPipeline(name),
      overrides,
      builtin: BUILTIN,
      settings: await loadSettings(options),
      ...(trials === undefined ? {} : { search: { trials, seed: samplerSeed } }),
      ...(metric === undefined ? {} : { metric }),
      ...(mode === undefined ? {} : { mode }),
    },
    {
      root: 'sweeps',
      ...(sweepDir === undefined ? {} : { path: resolve(sweepDir) }),
      ...(resume === undefined ? {} : { resume }),
    },
  );
  return runAndReport(sweep, options);
}

/** Runs what is left of a sweep, prints its table, and gives the exit code. */
export async function runAndReport(
  sweep: SweepFolder,
  { jobs = 1, json, csv, offline }: SweepRunOptions,
): Promise<number> {
  if (json !== true && csv !== true) tolerateLostOutput();
  // The result alone goes to where a program reads it.
  const talk = json === true || csv === true ? process.stderr : process.stdout;
  const outcome = await withStopSignal((stop) =>
    runSweep(sweep, {
      command: {
        script: fileURLToPath(new URL('../../bin/pipeline.js', import.meta.url)),
        argv: offline === true ? ['--offline'] : [],
      },
      jobs,
      stop,
      onEvent: (event: SweepEvent) => talk.write(`${sweepLine(event)}\n`),
    }),
  );
  process.stdout.write(textOf(outcome, { json, csv }));
  if (outcome.error === undefined) return EXIT.done;
  const { text, code } = renderError(outcome.error);
  process.stderr.write(`${text}\n`);
  return code;
}

function textOf(
  { results }: SweepOutcome,
  { json, csv }: { readonly json: boolean | undefined; readonly csv: boolean | undefined },
): string {
  if (json === true) return `${toJson(results)}\n`;
  if (csv === true) return trialsCsv(results);
  const { header, rows, note } = armTable(results);
  const places = `table.md, arms.csv, trials.csv, results.json in ${results.folder}`;
  return `\n${renderTable(header, rows)}\n${note}\n${places}\n`;
}
