import type { MetricDescriptions } from '../contracts/metric.ts';
import type { ResolvedPart } from './validate.ts';

/** What the plugins of a pipeline say of the metrics that they report. */
export function describedMetrics(parts: readonly ResolvedPart[]): MetricDescriptions {
  return Object.assign(
    {},
    ...parts.map(({ plugin }) => plugin.metrics ?? {}),
  ) as MetricDescriptions;
}
