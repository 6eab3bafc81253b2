/** How metrics are named and worded, without Node: for pages in a browser. */
export type { MetricDescription, MetricDescriptions } from './contracts/metric.ts';
export { describeMetric, directionOf, formatMetric, formatValue } from './run/metric.ts';
