/**
 * All metrics of a run in `<run>/metrics.csv`, a row a step or an evaluation. Columns keep their place: a
 * metric that is seen for the first time gets the next one, and earlier rows an empty cell there.
 */
import { closeSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import type { Logger, RunEvent } from '@eddy/core';

import { fileLogger, type EventWriter } from '../projection/file-logger.ts';
import { scalarsOf } from '../projection/scalars.ts';

const FIXED_COLUMNS = ['step', 'seconds'];

export function createCsvLogger(runFolder: string): Logger {
  return fileLogger(
    join(runFolder, 'journal.jsonl'),
    () => new CsvFile(join(runFolder, 'metrics.csv')),
  );
}

class CsvFile implements EventWriter {
  readonly #path: string;
  readonly #columns: string[] = [];
  #fd: number;

  /** Starts the file anew: what a resumed run had comes from its journal. */
  constructor(path: string) {
    this.#path = path;
    this.#fd = openSync(path, 'w');
    writeSync(this.#fd, lineOf(FIXED_COLUMNS));
  }

  write(event: RunEvent): void {
    const scalars = scalarsOf(event);
    if (scalars === null) return;
    const added = Object.keys(scalars.values).filter((name) => !this.#columns.includes(name));
    if (added.length > 0) this.#addColumns(added);
    const cells = this.#columns.map((name) => String(scalars.values[name] ?? ''));
    const seconds = (event.timeMs / 1000).toFixed(3);
    writeSync(this.#fd, lineOf([String(scalars.step), seconds, ...cells]));
  }

  close(): void {
    closeSync(this.#fd);
  }

  #addColumns(added: readonly string[]): void {
    this.#columns.push(...added);
    const [, ...rows] = readFileSync(this.#path, 'utf8').split('\n').slice(0, -1);
    const header = lineOf([...FIXED_COLUMNS, ...this.#columns]);
    const padded = rows.map((row) => `${row}${','.repeat(added.length)}\n`);
    const temporary = `${this.#path}.tmp`;
    writeFileSync(temporary, header + padded.join(''));
    renameSync(temporary, this.#path);
    closeSync(this.#fd);
    this.#fd = openSync(this.#path, 'a');
  }
}

/** @source RFC 4180, with LF; numbers need no quotes, names may */
function lineOf(cells: readonly string[]): string {
  const quoted = cells.map((c) => (/[",\n\r]/.test(c) ? `"${c.replaceAll('"', '""')}"` : c));
  return `${quoted.join(',')}\n`;
}
