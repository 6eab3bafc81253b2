/** Which curves a run has, as charts. */
import {
  describeMetric,
  evaluationSet,
  formatMetric,
  isHeadline,
  type MetricDescriptions,
} from '@eddy/core/report';

import type { ChartLine, LineChart } from './chart/line-chart.ts';
import type { EvaluationFinished, ReportData, Training } from './report-data.ts';

/** Charts of a training: one row of the page. */
const MAX_CHARTS = 3;
/** What says most of the models of this repository; other metrics follow. */
const FIRST = ['lm_loss', 'loss', 'exact_accuracy', 'accuracy'];
/** A longer curve is drawn as its mean, over itself in pale. */
const SMOOTHED_FROM = 100;

/** The charts of each training, those without points left out. */
export function curvesOf(
  data: ReportData,
): { readonly training: Training; readonly charts: LineChart[] }[] {
  const { trainings, described, headline } = data;
  const labels = new Set(trainings.map(({ label }) => label));
  return trainings.flatMap((training, i) => {
    // Weights that no training made, such as an average, are shown with the last one.
    const isLast = i === trainings.length - 1;
    const isOwn = ({ label }: EvaluationFinished) =>
      label === training.label || (isLast && !labels.has(label));
    const evaluations = data.evaluations.filter(isOwn);
    const names = metricsToDraw(training, evaluations, described, headline?.result?.metric);
    const charts = names.map((name) => chartOf(name, training, evaluations, described));
    return charts.length === 0 ? [] : [{ training, charts }];
  });
}

function metricsToDraw(
  training: Training,
  evaluations: readonly EvaluationFinished[],
  described: MetricDescriptions,
  first: string | undefined,
): string[] {
  const evaluated = evaluations.flatMap(({ metrics }) => Object.keys(metrics));
  const names = [...new Set([...training.series.keys(), ...evaluated])].filter(
    (name) => isHeadline(name, described) && describeMetric(name, described).better !== undefined,
  );
  const order = (name: string) => {
    if (name === first) return FIRST.indexOf('exact_accuracy');
    const place = FIRST.indexOf(name);
    return place === -1 ? FIRST.length : place;
  };
  const sorted = names.toSorted((a, b) => order(a) - order(b));
  // One loss is enough: the parts of a total draw the same picture.
  const losses = sorted.filter((name) => describeMetric(name, described).better === 'lower');
  const others = sorted.filter((name) => describeMetric(name, described).better === 'higher');
  return [...losses.slice(0, 1), ...others].slice(0, MAX_CHARTS);
}

function chartOf(
  name: string,
  training: Training,
  evaluations: readonly EvaluationFinished[],
  described: MetricDescriptions,
): LineChart {
  const { label, scale } = describeMetric(name, described);
  return {
    title: label,
    xTitle: 'step',
    isShare: scale === 'share',
    format: (value) => formatMetric(name, value, described),
    lines: [...trainLines(name, training), ...evaluationLines(name, training, evaluations)],
  };
}

function trainLines(name: string, { series }: Training): ChartLine[] {
  const own = series.get(name);
  if (own === undefined || own.steps.length === 0) return [];
  const line = { x: own.steps, kind: 0 };
  if (own.steps.length < SMOOTHED_FROM) return [{ ...line, name: 'training', y: own.values }];
  const window = Math.max(5, Math.round(own.steps.length / 40));
  return [
    { ...line, name: 'training, each step', y: own.values, isFaint: true },
    { ...line, name: `training, mean of ${window} steps`, y: own.smoothed(window) },
  ];
}

function evaluationLines(
  name: string,
  training: Training,
  evaluations: readonly EvaluationFinished[],
): ChartLine[] {
  const sets = new Map<string, { x: number[]; y: number[] }>();
  for (const { step, metrics, ...evaluation } of evaluations) {
    const value = metrics[name];
    if (value === undefined) continue;
    // The label of the training itself is said above its charts.
    const { label, split } = evaluation;
    const set = label === training.label ? split : evaluationSet(evaluation);
    let points = sets.get(set);
    if (points === undefined) sets.set(set, (points = { x: [], y: [] }));
    points.x.push(step);
    points.y.push(value);
  }
  return [...sets].map(([set, points], i) => ({
    name: set,
    ...points,
    hasMarks: true,
    kind: i + 1,
  }));
}
