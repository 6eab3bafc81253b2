/** Which curves of several runs share a chart: one metric on one set of data. */
import { describeMetric } from '@eddy/core/metrics';
import type { MetricDescriptions } from '@eddy/core/report';

import type { RunView, SeriesView } from '../../../api/run.ts';
import type { ChartSeries } from '../../components/chart.tsx';
import { letterOf } from './run-letter.tsx';

export interface RunCurves {
  readonly view: RunView;
  readonly series: readonly SeriesView[];
}

export interface ComparedPanel {
  readonly metric: string;
  readonly set: string;
  readonly series: readonly ChartSeries[];
}

/** Metrics that most people look for come first. */
const FIRST = ['exact_accuracy', 'accuracy', 'lm_loss', 'loss'];
const UNTELLING = new Set(['count']);
const MAX_METRICS = 32;

/** Returns the metrics of a training that are worth a chart. */
export function metricsToCompare(
  metrics: readonly string[],
  described: MetricDescriptions,
): string[] {
  return metrics
    .filter((name) => !UNTELLING.has(name) && describeMetric(name, described).isPart !== true)
    .slice(0, MAX_METRICS);
}

/** Returns a chart for each metric and set of data that at least one run has; evaluations first. */
export function comparedPanels(runs: readonly RunCurves[]): ComparedPanel[] {
  const panels = new Map<string, { metric: string; set: string; series: ChartSeries[] }>();
  const add = (set: string, metric: string, series: ChartSeries) => {
    const key = `${set}\n${metric}`;
    const panel = panels.get(key) ?? { metric, set, series: [] };
    panel.series.push(series);
    panels.set(key, panel);
  };
  for (const [i, { view, series }] of runs.entries()) {
    const common = { label: letterOf(i), colour: i } as const;
    for (const [set, metric, x, y] of evaluationCurves(view)) {
      add(set, metric, { ...common, x, y, look: 'points' });
    }
    for (const { set, metric, steps, values, smooth } of series) {
      add(set, metric, { ...common, x: steps, y: smooth ?? values });
    }
  }
  const rank = (name: string) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
  const trained = new Set(runs.flatMap(({ series }) => series.map(({ set }) => set)));
  return [...panels.values()].sort(
    (a, b) =>
      rank(a.metric) - rank(b.metric) || Number(trained.has(a.set)) - Number(trained.has(b.set)),
  );
}

function evaluationCurves({
  evaluations,
  metrics: described,
}: RunView): (readonly [string, string, number[], number[]])[] {
  const sets = [...new Set(evaluations.map(({ set }) => set))];
  return sets.flatMap((set) => {
    const own = evaluations.filter((evaluation) => evaluation.set === set);
    const names = metricsToCompare(
      [...new Set(own.flatMap(({ metrics }) => Object.keys(metrics)))],
      described,
    );
    return names.flatMap((metric) => {
      const points = own.filter(({ metrics }) => Number.isFinite(metrics[metric]));
      const x = points.map(({ step }) => step);
      return points.length === 0
        ? []
        : [[set, metric, x, points.map(({ metrics }) => metrics[metric]!)] as const];
    });
  });
}
