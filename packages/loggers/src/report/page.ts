/** The report as one HTML file: no script, no network, readable without colours. */
import { createHash } from 'node:crypto';

import type { EvaluationTrace } from '@eddy/core/report';

import { formatCount } from '../console/format.ts';
import { chartFigure } from './chart/line-chart.ts';
import { computeSection } from './compute-section.ts';
import { curvesOf } from './curves.ts';
import { Html, html } from './html.ts';
import { puzzleSection } from './puzzle-section.ts';
import type { ReportData } from './report-data.ts';
import { resultsSection } from './results-section.ts';
import { stagesSection } from './stages-section.ts';
import { STYLES } from './styles.ts';
import {
  factsCard,
  headerSection,
  noticeSection,
  resultCard,
  useSection,
  type Unfinished,
} from './summary-section.ts';

export interface ReportPage {
  readonly data: ReportData;
  /** How the run stands if its journal does not say how it ended. */
  readonly unfinished: Unfinished;
  /** Name of the run's folder, for commands. */
  readonly folderName: string;
  readonly trace: EvaluationTrace | null;
  /** The resolved config as it lies in the run folder. */
  readonly configText: string | null;
}

export function renderPage({
  data,
  unfinished,
  folderName,
  trace,
  configText,
}: ReportPage): string {
  const styleHash = createHash('sha256').update(STYLES).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'`;
  // Not in the template, whose layout may change: the policy holds for these very bytes.
  const styleElement = new Html(`<style>${STYLES}</style>`);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${data.run?.name ?? 'run'} · Eddy</title>
        ${styleElement}
      </head>
      <body>
        ${headerSection(data, unfinished)}
        <main>
          ${noticeSection(data, unfinished, folderName)}
          <div class="top">${resultCard(data)} ${factsCard(data)}</div>
          ${curvesSection(data)} ${useSection(data, folderName)} ${resultsSection(data)}
          ${[...data.compute.values()].map((event, i) => computeSection(event, i + 1))}
          ${trace === null ? null : puzzleSection(trace)} ${stagesSection(data)}
          ${warningsSection(data)} ${configSection(configText)}
        </main>
      </body>
    </html> `.text;
}

/** Directly below the result, without a heading, unless the charts of several trainings must be told apart. */
function curvesSection(data: ReportData): Html[] {
  return curvesOf(data).map(
    ({ training, charts }) =>
      html`<section
        aria-label="Curves${training.label === undefined ? '' : ` of ${training.label}`}"
      >
        ${training.label === undefined ? null : html`<h2>Training ${training.label}</h2>`}
        <div class="charts">${charts.map((chart) => chartFigure(chart))}</div>
      </section>`,
  );
}

function warningsSection({ warnings, engineDeaths }: ReportData): Html | null {
  const deaths =
    engineDeaths === 0
      ? []
      : [
          `the engine died ${engineDeaths === 1 ? 'once' : `${formatCount(engineDeaths)} times`}; training went on from its last checkpoint`,
        ];
  const all = [...warnings, ...deaths];
  if (all.length === 0) return null;
  return html`<section aria-labelledby="warnings">
    <h2 id="warnings">Warnings</h2>
    <ul>
      ${all.map((text) => html`<li>${text}</li>`)}
    </ul>
  </section>`;
}

function configSection(configText: string | null): Html | null {
  if (configText === null) return null;
  return html`<section aria-labelledby="config">
    <h2 id="config">Configuration</h2>
    <details>
      <summary>config.yml, runnable as it is</summary>
      <pre>${configText}</pre>
    </details>
  </section>`;
}
