/** What was measured, a row a metric, with what each means. */
import {
  describeMetric,
  evaluationSet,
  formatMetric,
  isHeadline,
  type Headline,
} from '@eddy/core/report';

import { formatCount } from '../console/format.ts';
import { html, type Html } from './html.ts';
import type { ReportData } from './report-data.ts';

/** Evaluations beside each other; more do not fit. */
const MAX_COLUMNS = 4;

interface Evaluation {
  readonly step: number;
  readonly examples: number;
  readonly metrics: Readonly<Record<string, number>>;
}

export function resultsSection(data: ReportData): Html | null {
  const sets = new Map<string, Map<number, Evaluation>>();
  for (const event of data.evaluations) {
    const name = evaluationSet(event);
    const set = sets.get(name) ?? new Map<number, Evaluation>();
    const before = set.get(event.step);
    // Several stages may have measured a checkpoint on one split.
    set.set(event.step, { ...event, metrics: { ...before?.metrics, ...event.metrics } });
    sets.set(name, set);
  }
  if (sets.size === 0) return null;
  return html`<section aria-labelledby="results">
    <h2 id="results">Evaluations</h2>
    ${[...sets].map(([name, set], i) => setTable(name, [...set.values()], data, i === 0))}
  </section>`;
}

/** @param explains  says what each metric means: once is enough */
function setTable(
  name: string,
  all: readonly Evaluation[],
  data: ReportData,
  explains: boolean,
): Html {
  const { headline, described } = data;
  const chosenStep = headline !== undefined && name === setOf(headline) ? headline.step : undefined;
  const columns = chosenColumns(all, chosenStep);
  const names = [...new Set(all.flatMap(({ metrics }) => Object.keys(metrics)))];
  const order = (metric: string) =>
    metric === headline?.result?.metric ? 0 : isHeadline(metric, described) ? 1 : 2;
  const sorted = names.toSorted((a, b) => order(a) - order(b));
  const classOf = ({ step }: Evaluation, i: number) => {
    const isKept = step === chosenStep || i === columns.length - 1;
    return `${step === chosenStep ? 'chosen' : ''}${isKept ? '' : ' more'}`;
  };
  const left = all.length - columns.length;
  const more = left > 0 ? ` ${formatCount(left)} more are in the folder evaluations.` : '';
  return html`<table>
    <caption>
      On ${name}: ${formatCount(all.at(-1)!.examples)} examples.${more}
    </caption>
    <thead>
      <tr>
        <th scope="col">Metric</th>
        ${columns.map(
          (column, i) =>
            html`<th scope="col" class="${classOf(column, i)}">
              step ${formatCount(column.step)}
            </th>`,
        )}
      </tr>
    </thead>
    <tbody>
      ${sorted.map((metric) => {
        const { label, explanation } = describeMetric(metric, described);
        return html`<tr>
          <th scope="row">
            ${label} <code class="dim">${metric}</code>
            ${explanation === '' || !explains ? null : html`<small>${explanation}</small>`}
          </th>
          ${columns.map((column, i) => {
            const value = column.metrics[metric];
            const text = value === undefined ? '' : formatMetric(metric, value, described);
            return html`<td class="${classOf(column, i)}">${text}</td>`;
          })}
        </tr>`;
      })}
    </tbody>
  </table>`;
}

/** The set that the headline's figures are of. */
function setOf({ label, result }: Headline): string | undefined {
  if (result === undefined) return undefined;
  return evaluationSet({ split: result.split, ...(label === undefined ? {} : { label }) });
}

/** The first, the last, the chosen one, and others evenly between. */
function chosenColumns(all: readonly Evaluation[], chosenStep: number | undefined): Evaluation[] {
  if (all.length <= MAX_COLUMNS) return [...all];
  const last = all.length - 1;
  const even = Array.from({ length: MAX_COLUMNS }, (_, i) =>
    Math.round((i * last) / (MAX_COLUMNS - 1)),
  );
  const chosen = all.findIndex(({ step }) => step === chosenStep);
  if (chosen > 0 && chosen < last && !even.includes(chosen)) {
    const nearer = Math.abs(even[1]! - chosen) <= Math.abs(even[2]! - chosen) ? 1 : 2;
    even[nearer] = chosen;
  }
  return even.map((i) => all[i]!);
}
