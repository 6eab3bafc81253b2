/** Which curves share a chart: a metric's training and evaluations. */
import { describeMetric } from '@eddy/core/metrics';

import type { RunView, SeriesView } from '../../../api/run.ts';
import type { ChartSeries } from '../../components/chart.tsx';

export interface Panel {
  readonly metric: string;
  readonly series: readonly ChartSeries[];
}

/** Metrics that most people look for come first. */
const FIRST = ['exact_accuracy', 'lm_loss', 'accuracy', 'q_halt_accuracy', 'q_halt_loss', 'loss'];
/** Always 1 or the number of halted rows: says nothing as a curve. */
const UNTELLING = new Set(['count']);

/** Set by a schedule, not measured: an average would show a value that never was. */
const SET = new Set(['lr']);

/** Returns a chart for each metric that was trained on or evaluated; parts of other metrics are left out. */
export function panelsOf(
  { evaluations, metrics }: Pick<RunView, 'evaluations' | 'metrics'>,
  all: readonly SeriesView[],
  zoom: readonly [number, number] | undefined,
): Panel[] {
  const sets = [...new Set(evaluations.map(({ set }) => set))];
  const trainings = [...new Set(all.map(({ set }) => set))];
  const names = new Set([
    ...all.map(({ metric }) => metric),
    ...evaluations.flatMap((evaluation) => Object.keys(evaluation.metrics)),
  ]);
  const shown = [...names].filter(
    (name) => !UNTELLING.has(name) && describeMetric(name, metrics).isPart !== true,
  );
  const rank = (name: string) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
  const inSight = (step: number) => zoom === undefined || (step >= zoom[0] && step <= zoom[1]);
  return shown
    .sort((a, b) => rank(a) - rank(b))
    .map((metric) => ({
      metric,
      series: [
        ...trainings.flatMap((set, colour) => {
          const one = all.find((series) => series.set === set && series.metric === metric);
          return one === undefined ? [] : trainingCurves(one, colour);
        }),
        ...sets.flatMap((set, i): ChartSeries[] => {
          const points = evaluations.filter(
            (evaluation) =>
              evaluation.set === set &&
              Number.isFinite(evaluation.metrics[metric]) &&
              inSight(evaluation.step),
          );
          if (points.length === 0) return [];
          const x = points.map(({ step }) => step);
          const y = points.map((evaluation) => evaluation.metrics[metric]!);
          return [{ label: set, x, y, colour: trainings.length + i, look: 'points' }];
        }),
      ],
    }))
    .filter(({ series }) => series.length > 0);
}

function trainingCurves(one: SeriesView, colour: number): ChartSeries[] {
  const raw = { label: one.set, x: one.steps, y: one.values, colour } as const;
  if (one.smooth === undefined || SET.has(one.metric)) return [raw];
  return [
    { ...raw, look: 'faint' },
    { ...raw, y: one.smooth, isSmooth: true },
  ];
}
