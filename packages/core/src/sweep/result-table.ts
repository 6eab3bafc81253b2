/** The results of a sweep as a table for people, and as CSV, Markdown and JSON files. */
import { join } from 'node:path';

import { replaceDurably } from '../files/durable.ts';
import { toJson } from '../run/json.ts';
import { formatValue, isHeadline } from '../run/metric.ts';
import type { ArmResult, SweepResults } from './results.ts';
import type { Interval95 } from './t-interval.ts';

export interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What the numbers mean. */
  readonly note: string;
}

/** A row an arm, the best first: mean ± half of the 95 % t-interval over the seeds. */
export function armTable({ arms, metric, shares }: SweepResults): Table {
  const columns = namesOf(arms.map(({ values }) => values));
  const names = namesOf(arms.map(({ metrics }) => metrics));
  const shown = names.filter((name) => name === metric || isHeadline(name));
  const sorted = metric === undefined ? shown : [metric, ...shown.filter((n) => n !== metric)];
  return {
    header: [...columns, ...sorted, 'n', 'minutes'],
    rows: arms.map((arm) => [
      ...columns.map((column) => arm.values[column] ?? ''),
      ...sorted.map((name) => formatMean(arm.metrics[name], shares.includes(name))),
      arm.done === arm.trials.length ? String(arm.done) : `${arm.done}/${arm.trials.length}`,
      arm.done === 0 ? '' : arm.minutes.toFixed(1),
    ]),
    note: noteOf(arms, metric),
  };
}

function noteOf(arms: readonly ArmResult[], metric: string | undefined): string {
  const repeated = arms.some(({ done }) => done > 1);
  const sorted = metric === undefined ? '' : `; sorted by ${metric}`;
  const partial = arms.some(({ done, trials }) => done < trials.length)
    ? '; n is done/planned where trials are missing'
    : '';
  return repeated
    ? `mean ± half of the 95 % t-interval of the mean over n seeds${sorted}${partial}`
    : `n trials each${sorted}${partial}`;
}

/** `87.4 ± 1.2 %`; without the interval for n = 1. */
function formatMean(interval: Interval95 | undefined, isShare: boolean): string {
  if (interval === undefined || interval.n === 0) return '';
  const { mean, halfWidth } = interval;
  if (Number.isNaN(halfWidth)) return formatValue(mean, isShare);
  if (isShare) return `${(100 * mean).toFixed(1)} ± ${(100 * halfWidth).toFixed(1)} %`;
  return `${formatValue(mean, false)} ± ${halfWidth.toPrecision(2)}`;
}

export function markdownOf({ header, rows, note }: Table): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return `${[header, header.map(() => '---'), ...rows].map(line).join('')}\n${note}\n`;
}

/** A row a trial, with every metric. */
export function trialsCsv({ trials }: SweepResults): string {
  const columns = namesOf(trials.map(({ values }) => values));
  const names = namesOf(trials.map(({ metrics }) => metrics));
  return csvOf([
    ['trial', ...columns, 'status', ...names, 'minutes'],
    ...trials.map((trial) => [
      trial.id,
      ...columns.map((column) => trial.values[column] ?? ''),
      trial.status,
      ...names.map((name) => String(trial.metrics[name] ?? '')),
      trial.status === 'unfinished' ? '' : trial.minutes.toFixed(3),
    ]),
  ]);
}

/** A row an arm: mean, half-width and number of trials of every metric. */
export function armsCsv({ arms }: SweepResults): string {
  const columns = namesOf(arms.map(({ values }) => values));
  const names = namesOf(arms.map(({ metrics }) => metrics));
  return csvOf([
    [...columns, 'n', ...names.flatMap((name) => [name, `${name} ± 95 %`])],
    ...arms.map((arm) => [
      ...columns.map((column) => arm.values[column] ?? ''),
      String(arm.done),
      ...names.flatMap((name) => {
        const { mean, halfWidth } = arm.metrics[name] ?? {};
        return [mean, halfWidth].map((x) => (x === undefined || Number.isNaN(x) ? '' : String(x)));
      }),
    ]),
  ]);
}

/** Writes `table.md`, `arms.csv`, `trials.csv` and `results.json` into the folder of the sweep. */
export async function writeResults(results: SweepResults): Promise<void> {
  const files = {
    'table.md': markdownOf(armTable(results)),
    'arms.csv': armsCsv(results),
    'trials.csv': trialsCsv(results),
    'results.json': `${toJson(results, 2)}\n`,
  };
  for (const [name, text] of Object.entries(files)) {
    await replaceDurably(join(results.folder, name), text);
  }
}

function namesOf(records: readonly Readonly<Record<string, unknown>>[]): string[] {
  return [...new Set(records.flatMap((record) => Object.keys(record)))];
}

/** @source RFC 4180, with LF */
function csvOf(rows: readonly (readonly string[])[]): string {
  const cell = (text: string) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return rows.map((row) => `${row.map(cell).join(',')}\n`).join('');
}
