/** The results of a sweep as a table: `compute.json`, `compute.csv`. */
import type { SettingResult } from '../contracts/events.ts';

const COLUMNS = [
  'curve',
  'steps',
  'trajectories',
  'noise',
  'views',
  'halt',
  'choose',
  'compute',
  'examples',
] as const satisfies readonly (keyof SettingResult)[];

/** Comma-separated, a header first; fields quoted where RFC 4180 wants it. */
export function computeCsv(results: readonly SettingResult[]): string {
  const metrics = [...new Set(results.flatMap((result) => Object.keys(result.metrics)))];
  const rows = results.map((result) => [
    ...COLUMNS.map((column) => String(result[column])),
    ...metrics.map((name) => String(result.metrics[name] ?? '')),
  ]);
  return [[...COLUMNS, ...metrics], ...rows]
    .map((fields) => `${fields.map(quoted).join(',')}\r\n`)
    .join('');
}

function quoted(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
