/** Metrics of a sweep in words and numbers. */
import { describeMetric, directionOf } from '@eddy/core/metrics';

import type { IntervalView, SweepView } from '../../../api/sweep.ts';
import { formatValue } from '../../format.ts';

/** Returns the metric's label; its own name where nothing is known of it. */
export function labelOf(metric: string): string {
  return describeMetric(metric).label;
}

/** Returns which values of a metric are better: as the sweep says of its own metric, else as it is known. */
export function modeOf(
  view: Pick<SweepView, 'metric' | 'mode'>,
  metric: string,
): SweepView['mode'] {
  return metric === view.metric ? view.mode : (directionOf(metric) ?? 'max');
}

/** Returns a value as the metric is written. */
export function textOf(
  { shares }: Pick<SweepView, 'shares'>,
  metric: string,
  value: number | undefined,
): string {
  if (value === undefined) return '–';
  return formatValue(value, { isShare: shares.includes(metric) });
}

/** Returns `98.1 % ± 0.4 %`; the mean alone of a single trial. */
export function intervalText(
  view: Pick<SweepView, 'shares'>,
  metric: string,
  interval: IntervalView | undefined,
): string {
  if (interval === undefined || interval.n === 0) return '–';
  const { mean, halfWidth } = interval;
  return halfWidth === null
    ? textOf(view, metric, mean)
    : `${textOf(view, metric, mean)} ± ${textOf(view, metric, halfWidth)}`;
}

/** Least and greatest of the values that are numbers, with some room; undefined for none. */
export function rangeOf(values: readonly number[]): readonly [number, number] | undefined {
  const finite = values.filter((value) => Number.isFinite(value));
  if (finite.length === 0) return undefined;
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const room = high === low ? Math.max(0.01, Math.abs(low) * 0.05) : (high - low) * 0.06;
  return [low - room, high + room];
}
