/** Makes the report of a run again, from its journal. */
import { existsSync } from 'node:fs';

import { readJournal, type MetricDescriptions } from '@eddy/core/report';

import { ReportData } from './report-data.ts';
import type { Unfinished } from './summary-section.ts';
import { writeReport } from './write-report.ts';

export interface ReportOptions {
  readonly runFolder: string;
  readonly journalPath: string;
  /** How the run stands if its journal does not say how it ended. */
  readonly unfinished: Unfinished;
  /** Finds what the run's plugins say of their metrics, for a journal that does not have it. */
  readonly describe?: () => Promise<MetricDescriptions>;
  /** In place of `report.html` in the run's folder. */
  readonly output?: string | undefined;
}

/**
 * Writes the report of a run that has ended, or stands where it stands. Journals of earlier versions are
 * read, too: what they lack is left out.
 *
 * @returns the path of the page
 * @throws JOURNAL_INVALID
 */
export async function writeReportOfRun(options: ReportOptions): Promise<string> {
  const { runFolder, journalPath, unfinished, describe, output } = options;
  // A run that was killed at once has none.
  const events = existsSync(journalPath) ? readJournal(journalPath) : [];
  const isDescribed = events.some((event) => event.type === 'run-started' && event.run.metrics);
  const data = new ReportData(isDescribed ? {} : await describe?.());
  for (const event of events) data.add(event);
  return writeReport(data, { runFolder, unfinished, output });
}
