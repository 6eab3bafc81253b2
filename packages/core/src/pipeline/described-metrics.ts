import type { MetricDescriptions } from '../contracts/metric.ts';
import type { ResolvedPipeline } from '../schema/resolve-config.ts';

/** What the plugins of a pipeline say of the metrics that they report. */
export function describedMetrics({ parts }: Pick<ResolvedPipeline, 'parts'>): MetricDescriptions {
  return Object.assign(
    {},
    ...parts.map(({ plugin }) => plugin.metrics ?? {}),
  ) as MetricDescriptions;
}
