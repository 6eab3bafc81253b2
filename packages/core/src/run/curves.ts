/** Metrics of a run as curves, from its journal. */
import { evaluationSet, trainingSet } from './evaluation-set.ts';
import { directionOf } from './metric.ts';
import type { RunEvent } from '../contracts/events.ts';

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

export function summaryOf(name: string, { points }: Curve): CurveSummary {
  const [lastStep, last] = [...points].at(-1)!;
  // Without the set: what is better on a split called `validation` follows from the metric alone.
  const direction = directionOf(name.slice(name.indexOf('/') + 1));
  let best: CurveSummary['best'];
  for (const [step, value] of points) {
    if (direction === undefined || Number.isNaN(value)) continue;
    const sign = direction === 'max' ? 1 : -1;
    if (best === undefined || sign * value > sign * best.value) best = { step, value };
  }
  return { points: points.size, lastStep, last, ...(best === undefined ? {} : { best }) };
}

/** The first step that both have and where they differ; undefined when there is none. */
export function firstDifference(a: Curve, b: Curve): number | undefined {
  for (const [step, value] of a.points) {
    const other = b.points.get(step);
    if (other !== undefined && !Object.is(value, other)) return step;
  }
  return undefined;
}
