/** The end of a run: a table of its evaluations and where everything lies. */
import { evaluationSet, formatMetric, isHeadline } from '@eddy/core/report';
import type { Headline } from '@eddy/core/report';
import type { RunEvent, RunSummary } from '@eddy/core';

import { formatCount } from './format.ts';
import { tableLines } from './table.ts';
import { plainStyle, type Style } from './style.ts';

export type EvaluationFinished = Extract<RunEvent, { type: 'evaluation-finished' }>;

export interface RunResults {
  readonly run: RunSummary;
  readonly evaluations: readonly EvaluationFinished[];
  /** The figures that the run is judged by. */
  readonly headline: Headline | undefined;
  readonly checkpoint: string | null;
  /** Other things worth a path: name → path. */
  readonly paths: Readonly<Record<string, string>>;
}

/** At most this many evaluations; the last ones. */
const MAX_ROWS = 12;

export function resultLines(
  results: RunResults,
  style: Style = plainStyle,
  width = Infinity,
): string[] {
  const { run, evaluations, headline, checkpoint, paths } = results;
  const described = run.metrics;
  const lines: string[] = [];
  if (evaluations.length > 0) {
    const shown = evaluations.slice(-MAX_ROWS);
    const all = new Set(shown.flatMap((evaluation) => Object.keys(evaluation.metrics)));
    const names = [...all].filter((name) => isHeadline(name, described));
    const header = ['split', 'step', 'examples', ...names];
    const rows = shown.map(({ step, examples, metrics, ...set }) => [
      evaluationSet(set),
      formatCount(step),
      formatCount(examples),
      ...names.map((name) =>
        name in metrics ? formatMetric(name, metrics[name]!, described) : '',
      ),
    ]);
    const layout = { width, style, indent: 2, isNumber: (column: number) => column > 0 };
    lines.push('', style('bold', 'Results'), ...tableLines(header, rows, layout));
  }
  if (headline !== undefined) lines.push('', `  ${style('bold', headline.text)}`);
  const places = { run: run.folder, ...(checkpoint === null ? {} : { checkpoint }), ...paths };
  lines.push(
    '',
    ...Object.entries(places).map(([k, v]) => `  ${style('dim', k.padEnd(10))}  ${v}`),
  );
  return lines;
}
