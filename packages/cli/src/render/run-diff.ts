/** What `pipeline diff` prints. */
import { formatValue } from '@eddy/core/report';
import type { Difference, MetricDifference, RunDiff } from '@eddy/core/run';

import { renderTable } from './table.ts';

const KEY_LENGTH = 12;

export function diffText(diff: RunDiff): string {
  const sections = [
    `A  ${diff.a}\nB  ${diff.b}\n`,
    section('config', diff.config.map(configLine)),
    section('versions', diff.versions.map(line)),
    ...(diff.areRuns
      ? [
          section('data', dataLines(diff)),
          section('engine', diff.engine.map(line)),
          metricsText(diff.metrics),
        ]
      : []),
  ];
  return sections.filter((text) => text !== '').join('\n');
}

function section(title: string, lines: readonly string[]): string {
  if (lines.length === 0) return `${title}: the same\n`;
  return `${title}\n${lines.map((text) => `  ${text}\n`).join('')}`;
}

function line({ what, a = 'absent', b = 'absent' }: Difference): string {
  return `${what}: ${a} → ${b}`;
}

function configLine(difference: Difference): string {
  const { aOrigin, bOrigin } = difference;
  const places = [aOrigin, bOrigin].filter((place) => place !== undefined);
  return places.length === 0 ? line(difference) : `${line(difference)}  (${places.join(' → ')})`;
}

function dataLines({ data, sameData }: RunDiff): string[] {
  const short = (key: string | undefined) => key?.slice(0, KEY_LENGTH) ?? 'absent';
  const same = Object.entries(sameData).map(([stage, key]) => `${stage}: the same, ${short(key)}`);
  const other = data.flatMap(({ what, a, b, inputs }) => [
    `${what}: ${short(a)} → ${short(b)}`,
    ...inputs.map((input) => `  ${input}`),
  ]);
  return data.length === 0 && same.length === 0 ? ['no run has recorded any'] : [...same, ...other];
}

function metricsText(metrics: readonly MetricDifference[]): string {
  if (metrics.length === 0) return '';
  const differing = metrics.filter(
    ({ a, b, firstDifference }) =>
      firstDifference !== undefined || a?.last !== b?.last || a?.lastStep !== b?.lastStep,
  );
  if (differing.length === 0) return `metrics: all ${metrics.length} are the same at every step\n`;
  const rows = differing.map(({ name, isShare, a, b, firstDifference }) => [
    name,
    last(isShare, a),
    last(isShare, b),
    best(isShare, a),
    best(isShare, b),
    firstDifference === undefined ? '' : String(firstDifference),
  ]);
  const header = ['metrics', 'A last', 'B last', 'A best', 'B best', 'differ from step'];
  const same = metrics.length - differing.length;
  return renderTable(header, rows) + (same > 0 ? `${same} more are the same\n` : '');
}

function last(isShare: boolean, curve: MetricDifference['a']): string {
  return curve === undefined ? '' : `${formatValue(curve.last, isShare)} @${curve.lastStep}`;
}

function best(isShare: boolean, curve: MetricDifference['a']): string {
  const found = curve?.best;
  return found === undefined ? '' : `${formatValue(found.value, isShare)} @${found.step}`;
}
