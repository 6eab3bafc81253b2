/** Accuracy against compute: the table, and one curve for each entry of the sweep. */
import type { RunEvent } from '@eddy/core';
import type { SettingResult } from '@eddy/core/report';

import { computeTable } from '../console/compute-table.ts';
import { formatCount } from '../console/format.ts';
import { drawSpec } from './draw.ts';
import { Html, html } from './html.ts';

type ComputeMeasured = Extract<RunEvent, { type: 'compute-measured' }>;

/** An SVG: compute to the right (logarithmic), puzzles solved upwards. */
export function drawCompute(results: readonly SettingResult[]): Promise<string> {
  const points = results.map(({ curve, compute, metrics }) => ({
    curve,
    compute,
    exact: metrics['exact_accuracy']!,
  }));
  return drawSpec({
    title: 'Puzzles solved exactly',
    width: 420,
    height: 240,
    data: { values: points },
    mark: { type: 'line', strokeWidth: 1.5, point: { filled: true, size: 32 } },
    encoding: {
      x: {
        field: 'compute',
        type: 'quantitative',
        scale: { type: 'log', base: 2 },
        title: 'supervision steps per puzzle, all trajectories together',
        axis: { format: '~s' },
      },
      y: {
        field: 'exact',
        type: 'quantitative',
        title: null,
        axis: { format: '.0%' },
        scale: { zero: false },
      },
      color: {
        field: 'curve',
        type: 'nominal',
        title: null,
        sort: null,
        legend: { orient: 'bottom', columns: 2 },
      },
      order: { field: 'compute', type: 'quantitative' },
    },
  });
}

export function computeSection(event: ComputeMeasured, svg: string, index: number): Html {
  const { header, rows } = computeTable(event.results);
  const id = `compute-${index}`;
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">Accuracy against compute</h2>
    <p>
      ${event.stage}: ${formatCount(event.examples)} examples of ${event.split}, the weights of step
      ${formatCount(event.step)}.
    </p>
    <div class="curves scroll">${new Html(svg)}</div>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            ${header.map((name) => html`<th scope="col">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (row) =>
              html`<tr>
                ${row.map((cell) => html`<td>${cell}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}
