/** The chart of a metric, named and scaled as the metric is described. */
import { describeMetric, type MetricDescriptions } from '@eddy/core/metrics';

import { formatValue } from '../format.ts';
import { Chart, type ChartProps } from './chart.tsx';

interface MetricChartProps extends Pick<
  ChartProps,
  'series' | 'zoom' | 'extent' | 'onZoom' | 'group'
> {
  readonly metric: string;
  /** What the run's plugins say of their metrics. */
  readonly described: MetricDescriptions;
  /** Where the metric was measured, where the chart shows only that: `train`, `test` … */
  readonly set?: string;
  /** A share keeps its scale from 0 to 100 %. */
  readonly isLog: boolean;
}

export function MetricChart({ metric, described, set, isLog, ...chart }: MetricChartProps) {
  const { label, explanation, scale } = describeMetric(metric, described);
  const isShare = scale === 'share';
  return (
    <Chart
      {...chart}
      title={set === undefined ? label : `${label}, ${set}`}
      explanation={explanation}
      format={(value) => formatValue(value, { isShare })}
      log={isLog && !isShare}
      isShare={isShare}
    />
  );
}
