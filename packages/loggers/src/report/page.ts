/** The report as one HTML file: no script, no network, readable without colours. */
import { createHash } from 'node:crypto';

import { evaluationSet, type EvaluationTrace, formatMetric } from '@eddy/core/report';

import { formatBytes, formatCount, formatDuration } from '../console/format.ts';
import { Html, html } from './html.ts';
import { puzzleSection } from './puzzle-section.ts';
import { isUnseen, type ReportData } from './report-data.ts';
import { STYLES } from './styles.ts';

export interface ReportPage {
  readonly data: ReportData;
  readonly curvesSvg: string | null;
  readonly computeSections: readonly Html[];
  readonly trace: EvaluationTrace | null;
  /** The resolved config as it lies in the run folder. */
  readonly configText: string | null;
}

const STATUS = {
  done: { text: 'done', tone: 'good' },
  stopped: { text: 'stopped, can be resumed', tone: '' },
  failed: { text: 'failed', tone: 'bad' },
};

export function renderPage(page: ReportPage): string {
  const { data, curvesSvg, computeSections, trace, configText } = page;
  const styleHash = createHash('sha256').update(STYLES).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'`;
  // Not in the template, whose layout may change: the policy holds for these very bytes.
  const styleElement = new Html(`<style>${STYLES}</style>`);
  const name = data.run?.name ?? 'run';
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${name} · Eddy</title>
        ${styleElement}
      </head>
      <body>
        <header>${heading(data)}</header>
        <main>
          ${cards(data)} ${curvesSection(curvesSvg)} ${resultsSection(data)} ${computeSections}
          ${trace === null ? null : puzzleSection(trace)} ${planSection(data)}
          ${leakageSection(data)} ${warningsSection(data)} ${configSection(configText)}
        </main>
      </body>
    </html> `.text;
}

function heading({ run, finished }: ReportData): Html {
  const status = STATUS[finished?.status ?? 'failed'];
  const error = finished?.error;
  return html`<h1>${run?.name ?? 'Run'}</h1>
    <p>
      <span class="status ${status.tone}">${status.text}</span>
      ${run === null ? null : ` · ${run.engine}, ${run.precision} · started ${run.startedAt}`}
      ${finished === null ? null : ` · ${formatDuration(finished.timeMs)}`}
    </p>
    ${error === undefined ? null : html`<pre>${error.code} ${error.message}</pre>`}`;
}

function cards(data: ReportData): Html {
  const facts: [string, string][] = [];
  const best = bestEvaluation(data);
  if (best !== null) {
    const solved = formatMetric('exact_accuracy', best.metrics['exact_accuracy']!);
    facts.push([`solved of ${formatCount(best.examples)} unseen`, solved]);
  }
  if (data.plan !== null) facts.push(['parameters', formatCount(data.plan.parameters)]);
  if (data.steps.length > 0) facts.push(['steps', formatCount(data.steps.at(-1)!.step)]);
  if (data.stepMs !== null) facts.push(['per step', formatDuration(data.stepMs)]);
  return html`<dl class="cards">
    ${facts.map(
      ([label, value]) =>
        html`<div>
          <dt>${label}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

function bestEvaluation(data: ReportData) {
  const evaluations = data.evaluations.filter(isUnseen);
  const exact = (index: number) => evaluations[index]!.metrics['exact_accuracy'] ?? -Infinity;
  const order = evaluations.map((_, i) => i).sort((a, b) => exact(b) - exact(a));
  const best = evaluations[order[0] ?? -1];
  return best?.metrics['exact_accuracy'] === undefined ? null : best;
}

function curvesSection(svg: string | null): Html | null {
  if (svg === null) return null;
  return html`<section aria-labelledby="curves">
    <h2 id="curves">Curves</h2>
    <div class="curves scroll">${new Html(svg)}</div>
    <p>
      Training accuracies are of the rows that halted in a step; test points are whole evaluations.
    </p>
  </section>`;
}

function resultsSection(data: ReportData): Html | null {
  const { evaluations } = data;
  if (evaluations.length === 0) return null;
  const names = [...new Set(evaluations.flatMap(({ metrics }) => Object.keys(metrics)))];
  const best = bestEvaluation(data);
  return html`<section aria-labelledby="results">
    <h2 id="results">Evaluations</h2>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            ${['split', 'step', 'examples', ...names].map((name) => html`<th scope="col">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${evaluations.map(
            (evaluation) =>
              html`<tr class="${evaluation === best ? 'best' : ''}">
                <td>${evaluationSet(evaluation)}</td>
                <td>${formatCount(evaluation.step)}</td>
                <td>${formatCount(evaluation.examples)}</td>
                ${names.map((name) => {
                  const value = evaluation.metrics[name];
                  return html`<td>${value === undefined ? '' : formatMetric(name, value)}</td>`;
                })}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

function planSection({ plan, stages, stepMs }: ReportData): Html | null {
  if (plan === null) return null;
  const groups = Object.entries(plan.parameterGroups).map(([k, v]) => `${k} ${formatCount(v)}`);
  const times = [
    ...(plan.stepMs === undefined ? [] : [`${formatDuration(plan.stepMs)} planned`]),
    ...(stepMs === null ? [] : [`${formatDuration(stepMs)} measured`]),
  ];
  const rows: [string, string][] = [
    ['data', plan.dataset],
    ['parameters', [formatCount(plan.parameters), ...groups].join(' · ')],
    [
      'batch',
      `${formatCount(plan.globalBatchSize)} in micro-batches of ${formatCount(plan.microBatchSize)}`,
    ],
    [
      'memory planned',
      [plan.memoryBytes, ...(plan.memoryLimitBytes > 0 ? [plan.memoryLimitBytes] : [])]
        .map(formatBytes)
        .join(' of '),
    ],
    ['step time', times.join(', ')],
    ...stages.map((stage): [string, string] => [
      `stage ${stage.stage}`,
      stage.type === 'stage-reused' ? 'taken from the cache' : formatDuration(stage.durationMs),
    ]),
  ];
  return html`<section aria-labelledby="plan">
    <h2 id="plan">Run</h2>
    <table>
      <tbody>
        ${rows.map(
          ([label, value]) =>
            html`<tr>
              <th scope="row">${label}</th>
              <td>${value}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}

function leakageSection({ leakage }: ReportData): Html | null {
  if (leakage.size === 0) return null;
  return html`<section aria-labelledby="leakage">
    <h2 id="leakage">Test data in training data</h2>
    <ul>
      ${[...leakage].map((text) => html`<li>${text}</li>`)}
    </ul>
  </section>`;
}

function warningsSection({ warnings }: ReportData): Html | null {
  if (warnings.length === 0) return null;
  return html`<section aria-labelledby="warnings">
    <h2 id="warnings">Warnings</h2>
    <ul>
      ${warnings.map((text) => html`<li>${text}</li>`)}
    </ul>
  </section>`;
}

function configSection(configText: string | null): Html | null {
  if (configText === null) return null;
  return html`<section aria-labelledby="config">
    <h2 id="config">Pipeline</h2>
    <details>
      <summary>config.yml, runnable as it is</summary>
      <pre>${configText}</pre>
    </details>
  </section>`;
}
