/** Accuracy against compute as a table. */
import { formatMetric, isHeadline, type SettingResult } from '@eddy/core/report';
import type { RunEvent } from '@eddy/core';

import { formatCount, formatDuration } from './format.ts';
import { plainStyle, type Style } from './style.ts';
import { tableLines } from './table.ts';
import { wrapText } from './width.ts';

export type ComputeMeasured = Extract<RunEvent, { type: 'compute-measured' }>;

/** Header and rows; a column that says the same in every row is left out. */
export function computeTable(results: readonly SettingResult[]): {
  readonly header: string[];
  readonly rows: string[][];
} {
  const all = new Set(results.flatMap(({ metrics }) => Object.keys(metrics)));
  const metrics = [...all].filter((name) => isHeadline(name));
  const settings = ['trajectories', 'noise', 'views', 'halt', 'choose'] as const;
  const varied = settings.filter((name) => new Set(results.map((r) => r[name])).size > 1);
  return {
    header: ['curve', 'steps', ...varied, 'compute', ...metrics],
    rows: results.map((result) => [
      result.curve,
      formatCount(result.steps),
      ...varied.map((name) => settingText(result[name])),
      formatCompute(result.compute),
      ...metrics.map((name) => {
        const value = result.metrics[name];
        return value === undefined ? '' : formatMetric(name, value);
      }),
    ]),
  };
}

export function computeLines(
  event: ComputeMeasured,
  style: Style = plainStyle,
  width = Infinity,
): string[] {
  const { split, step, examples, results, durationMs, folder } = event;
  const facts = `${formatCount(examples)} examples, ${formatDuration(durationMs)}`;
  const { header, rows } = computeTable(results);
  const head = `${style('magenta', '●')} compute on ${split} at step ${formatCount(step)}  ${style('dim', facts)}`;
  return [
    ...wrapText(head, width, 2),
    ...tableLines(header, rows, { width, style, indent: 2, isNumber: (column) => column > 0 }),
    `  ${style('dim', folder)}`,
  ];
}

function settingText(value: number | boolean | string): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return String(value);
}

/** Supervision steps per puzzle; a mean where rows halt. */
function formatCompute(compute: number): string {
  return Number.isInteger(compute) ? formatCount(compute) : compute.toFixed(2);
}
