/** Metrics of a run as curves, from its journal. */
import { evaluationSet, trainingSet } from './evaluation-set.ts';
import type { RunEvent } from '../contracts/events.ts';
import type { MetricDescriptions } from '../contracts/metric.ts';
import { describeMetric } from './metric.ts';

interface Curve {
  /** Step → value, in order. */
  readonly points: ReadonlyMap<number, number>;
}

/** `train/loss`, `test/exact_accuracy` …; where a step was done twice, as it was done last. */
export function curvesOf(events: readonly RunEvent[]): Map<string, Curve> {
  const curves = new Map<string, { points: Map<number, number> }>();
  const add = (set: string, step: number, metrics: Readonly<Record<string, number>>) => {
    for (const [name, value] of Object.entries(metrics)) {
      const key = `${set}/${name}`;
      let curve = curves.get(key);
      if (curve === undefined) curves.set(key, (curve = { points: new Map() }));
      curve.points.set(step, value);
    }
  };
  for (const event of events) {
    if (event.type === 'step-finished') add(trainingSet(event), event.step, event.metrics);
    if (event.type === 'evaluation-finished') add(evaluationSet(event), event.step, event.metrics);
  }
  return curves;
}

export interface CurveSummary {
  readonly points: number;
  readonly lastStep: number;
  readonly last: number;
  /** Where it is known which way is better. */
  readonly best?: { readonly step: number; readonly value: number };
}

/**
 * The last point of a curve and its best, where its metric has a better way.
 *
 * @param described  what the run's plugins say of their metrics
 */
export function summaryOf(
  name: string,
  { points }: Curve,
  described?: MetricDescriptions,
): CurveSummary {
  const [lastStep, last] = [...points].at(-1)!;
  const sign = signOf(name, described);
  let best: CurveSummary['best'];
  for (const [step, value] of points) {
    if (sign === 0 || Number.isNaN(value)) continue;
    if (best === undefined || sign * value > sign * best.value) best = { step, value };
  }
  return { points: points.size, lastStep, last, ...(best === undefined ? {} : { best }) };
}

/** 1: more is better, −1: less, 0: neither. The name is a curve's: `test/exact_accuracy`. */
function signOf(curve: string, described?: MetricDescriptions): 1 | -1 | 0 {
  const name = curve.slice(curve.indexOf('/') + 1);
  const { better } = describeMetric(name, described);
  return better === undefined ? 0 : better === 'higher' ? 1 : -1;
}

/** The first step that both have and where they differ; undefined when there is none. */
export function firstDifference(a: Curve, b: Curve): number | undefined {
  for (const [step, value] of a.points) {
    const other = b.points.get(step);
    if (other !== undefined && !Object.is(value, other)) return step;
  }
  return undefined;
}
