/** How long each stage worked, and what was taken from the cache. */
import { formatDate, formatDuration } from '../console/format.ts';
import { html, type Html } from './html.ts';
import type { ReportData, StageRecord } from './report-data.ts';

interface Row {
  readonly stage: string;
  readonly busyMs: number;
  readonly note: string;
}

export function stagesSection(data: ReportData): Html | null {
  const rows = [...data.stages.values()].map((stage) => rowOf(stage, data));
  if (rows.length === 0) return null;
  const longest = Math.max(1, ...rows.map(({ busyMs }) => busyMs));
  return html`<section aria-labelledby="stages">
    <h2 id="stages">Stages</h2>
    <table class="tight">
      <thead>
        <tr>
          <th scope="col">Stage</th>
          <th scope="col">Worked</th>
          <th scope="col" class="words more">Share of the longest</th>
          <th scope="col" class="words">Note</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ stage, busyMs, note }) =>
            html`<tr>
              <th scope="row">${stage}</th>
              <td>${formatDuration(busyMs)}</td>
              <td class="words more">
                <svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
                  <rect width="${((100 * busyMs) / longest).toFixed(1)}" height="6" />
                </svg>
              </td>
              <td class="words">${note}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}

function rowOf({ stage, startedMs, finished, reused }: StageRecord, data: ReportData): Row {
  if (reused?.madeBy !== undefined) {
    const { run, finishedAt } = reused.madeBy;
    return { stage, busyMs: 0, note: `reused from ${run}, trained on ${formatDate(finishedAt)}` };
  }
  if (reused !== undefined) {
    return { stage, busyMs: 0, note: `taken from the cache (${reused.key.slice(0, 12)})` };
  }
  if (finished === undefined) {
    const note =
      data.finished === null ? 'not ended yet, waiting included' : 'not ended, waiting included';
    return { stage, busyMs: data.lastMs - startedMs, note };
  }
  const { busyMs, durationMs } = finished;
  if (busyMs === undefined) {
    return { stage, busyMs: durationMs, note: 'waiting for other stages included' };
  }
  const waitedMs = durationMs - busyMs;
  // Less than a tick of the display says nothing.
  const note = waitedMs < 50 ? '' : `waited ${formatDuration(waitedMs)} for other stages`;
  return { stage, busyMs, note };
}
