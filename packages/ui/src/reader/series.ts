/** A metric over the steps, thinned to what a screen can show. */
import { lttb } from '@eddy/core/report';

import type { SeriesView } from '../api/run.ts';
import { lowerBound } from './column.ts';
import type { TrainingColumns } from './training-columns.ts';

export interface SeriesQuery {
  readonly set: string;
  readonly metric: string;
  readonly from?: number;
  readonly to?: number;
  /** At most so many points. */
  readonly points: number;
  /** Weight of the past in the moving average, 0 for none. */
  readonly smoothing: number;
}

/** @returns undefined if the training has no such metric */
export function seriesOf(training: TrainingColumns, query: SeriesQuery): SeriesView | undefined {
  const { set, metric, from = -Infinity, to = Infinity, points, smoothing } = query;
  const values = training.valuesOf(metric);
  if (values === undefined) return undefined;
  const steps = training.steps.values;
  const average = smoothing > 0 ? movingAverage(values, smoothing) : undefined;
  const [begin, end] = [lowerBound(steps, from), lowerBound(steps, to + 1)];
  const x = steps.subarray(begin, end);
  const y = values.subarray(begin, end);
  const kept = thin(x, y, points);
  return {
    set,
    metric,
    steps: kept.map((i) => x[i]!),
    values: kept.map((i) => y[i]!),
    total: y.reduce((count, value) => count + Number(Number.isFinite(value)), 0),
    ...(average === undefined
      ? {}
      : { smooth: kept.map((i) => average.values[begin + i]!), average: average.state }),
  };
}

/** Three quarters of the points by largest triangles, the rest the least and greatest value of each part. */
export function thin(x: Float64Array, y: Float64Array, points: number): number[] {
  const kept = lttb(x, y, Math.max(3, Math.floor(points * 0.75)));
  const parts = Math.floor((points - kept.length) / 2);
  if (parts < 1 || y.length <= points) return lttb(x, y, Math.max(3, points));
  const all = new Set(kept);
  for (let part = 0; part < parts; part++) {
    const begin = Math.floor((part * y.length) / parts);
    const end = Math.floor(((part + 1) * y.length) / parts);
    let [least, greatest] = [-1, -1];
    for (let i = begin; i < end; i++) {
      if (!Number.isFinite(y[i])) continue;
      if (least === -1 || y[i]! < y[least]!) least = i;
      if (greatest === -1 || y[i]! > y[greatest]!) greatest = i;
    }
    if (least !== -1) all.add(least).add(greatest);
  }
  return [...all].sort((a, b) => a - b);
}

/**
 * The exponential moving average s ← w s + (1 − w) v, divided by 1 − wⁿ so that it is not drawn to 0 at the
 * start. A value that is not finite leaves it as it is.
 *
 * @source TensorBoard, tf-scalar-dashboard `smoothed`
 */
export function movingAverage(
  values: Float64Array,
  weight: number,
): { readonly values: Float64Array; readonly state: { sum: number; count: number } } {
  let [sum, count] = [0, 0];
  const smooth = values.map((value) => {
    if (Number.isFinite(value)) {
      sum = weight * sum + (1 - weight) * value;
      count++;
    }
    return count === 0 ? NaN : sum / (1 - weight ** count);
  });
  return { values: smooth, state: { sum, count } };
}
