/** Writes the report after each evaluation, and when a run ends, however it ends. */
import { join } from 'node:path';

import type { Logger, Services } from '@eddy/core';

import { fileLogger } from '../projection/file-logger.ts';
import { ReportData } from './report-data.ts';

export function createReportLogger(runFolder: string, notify: Services['notify']): Logger {
  return fileLogger(join(runFolder, 'journal.jsonl'), () => {
    const data = new ReportData();
    const writer = new ReportWriter(data, runFolder, notify);
    return {
      write: (event) => {
        data.add(event);
        if (event.type === 'evaluation-finished') writer.writeSoon();
      },
      close: () => writer.end(),
    };
  });
}

/** One writing at a time; what happens meanwhile is in the next one. A failure is told once and ends nothing. */
class ReportWriter {
  readonly #data: ReportData;
  readonly #runFolder: string;
  readonly #notify: Services['notify'];
  #writing: Promise<void> = Promise.resolve();
  #isWanted = false;
  #hasFailed = false;

  constructor(data: ReportData, runFolder: string, notify: Services['notify']) {
    this.#data = data;
    this.#runFolder = runFolder;
    this.#notify = notify;
  }

  writeSoon(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    this.#writing = this.#writing.then(async () => {
      // Evaluations of a journal that is read anew come all at once.
      await new Promise((resolve) => setImmediate(resolve));
      this.#isWanted = false;
      await this.#write();
    });
  }

  async end(): Promise<void> {
    await this.#writing;
    await this.#write();
  }

  async #write(): Promise<void> {
    try {
      const { writeReport } = await import('./write-report.ts');
      await writeReport(this.#data, { runFolder: this.#runFolder, unfinished: 'running' });
    } catch (error) {
      if (this.#hasFailed) return;
      this.#hasFailed = true;
      const reason = error instanceof Error ? error.message : String(error);
      this.#notify('warning', `the report could not be written: ${reason}`);
    }
  }
}
