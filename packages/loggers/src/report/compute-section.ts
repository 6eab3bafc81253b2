/** Accuracy against compute: a curve for each entry of the sweep, and the table. */
import { describeMetric, formatMetric, type SettingResult } from '@eddy/core/report';
import type { RunEvent } from '@eddy/core';

import { computeTable } from '../console/compute-table.ts';
import { formatCount } from '../console/format.ts';
import { chartFigure, type LineChart } from './chart/line-chart.ts';
import { html, type Html } from './html.ts';

export type ComputeMeasured = Extract<RunEvent, { type: 'compute-measured' }>;

const METRIC = 'exact_accuracy';

/** Compute to the right (logarithmic), puzzles solved upwards. */
export function computeChart(results: readonly SettingResult[]): LineChart {
  const curves = new Map<string, SettingResult[]>();
  for (const result of results) {
    curves.set(result.curve, [...(curves.get(result.curve) ?? []), result]);
  }
  return {
    title: describeMetric(METRIC).label,
    explanation: 'Accuracy against the supervision steps per puzzle, summed over all trajectories.',
    xTitle: 'supervision steps per puzzle',
    xScale: 'log',
    isShare: true,
    format: (value) => formatMetric(METRIC, value),
    lines: [...curves].map(([name, all], kind) => {
      const sorted = all.toSorted((a, b) => a.compute - b.compute);
      return {
        name,
        kind,
        hasMarks: true,
        x: sorted.map(({ compute }) => compute),
        y: sorted.map(({ metrics }) => metrics[METRIC]!),
      };
    }),
  };
}

export function computeSection(event: ComputeMeasured, index: number): Html {
  const { header, rows } = computeTable(event.results);
  const id = `compute-${index}`;
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">Accuracy against compute</h2>
    <p>
      ${event.stage}: ${formatCount(event.examples)} examples of ${event.split}, the weights of step
      ${formatCount(event.step)}.
    </p>
    <div class="charts one">${chartFigure(computeChart(event.results))}</div>
    ${computeTableHtml(header, rows)}
  </section>`;
}

function computeTableHtml(header: readonly string[], rows: readonly (readonly string[])[]): Html {
  return html`<table class="stacks">
    <thead>
      <tr>
        ${header.map((name) => html`<th scope="col">${name}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        ([first, ...cells]) =>
          html`<tr>
            <th scope="row">${first!}</th>
            ${cells.map((cell, i) => html`<td data-name="${header[i + 1]!}">${cell}</td>`)}
          </tr>`,
      )}
    </tbody>
  </table>`;
}
