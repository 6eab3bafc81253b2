import { resolve } from 'node:path';

import { EddyError } from '@eddy/core';
import { describedMetrics, isJournalDamaged } from '@eddy/core/run';
import { isRunLocked, openRunFolder, type MetricDescriptions } from '@eddy/core/report';
import { writeReportOfRun } from '@eddy/loggers';

import { loadPipeline } from '../project/load.ts';

export async function reportCommand(
  folder: string,
  { output }: { readonly output?: string },
): Promise<void> {
  const run = await openRunFolder(folder);
  const warn = (text: string) => void process.stderr.write(`warning: ${text}\n`);
  if (isJournalDamaged(run)) {
    warn(`the journal of the run is damaged or missing, and so the report is incomplete: ${run.journalPath}`); // prettier-ignore
  }
  const path = await writeReportOfRun({
    runFolder: run.path,
    journalPath: run.journalPath,
    unfinished: (await isRunLocked(run.lockPath)) ? 'running' : 'interrupted',
    describe: () => metricsOf(run.configPath, warn),
    ...(output === undefined ? {} : { output: resolve(output) }),
  });
  process.stdout.write(`${path}\n`);
}

/** The plugins of an old run may be gone; its metrics then go by their names. */
async function metricsOf(
  configPath: string,
  warn: (text: string) => void,
): Promise<MetricDescriptions> {
  try {
    return describedMetrics((await loadPipeline(configPath, [])).parts);
  } catch (error) {
    if (!(error instanceof EddyError)) throw error;
    warn(
      `metrics are shown by their names only, because the config cannot be read: ${configPath} (${error.code})`,
    );
    return {};
  }
}
