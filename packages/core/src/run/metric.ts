/** How metrics are named, ordered and shown to people. Without Node: pages in a browser use it too. */
import type { RunEvent } from '../contracts/events.ts';
import type { MetricDescription, MetricDescriptions } from '../contracts/metric.ts';
import { KNOWN_METRICS } from './known-metrics.ts';

/**
 * What a metric means: as the run's plugins describe it, else as core knows it, else what its name tells.
 * The guess takes `accuracy` and `pass@` for shares, more of them for better, and less of a `loss`.
 *
 * @param described  what the run's plugins say, from `metricDescriptionsOf`
 */
export function describeMetric(
  name: string,
  described: MetricDescriptions = {},
): MetricDescription {
  return lookUp(name, described) ?? lookUp(name, KNOWN_METRICS) ?? guess(name);
}

/** Returns true if descriptions have one of this metric, by its name or by a name with `*`. */
export function isDescribed(name: string, described: MetricDescriptions): boolean {
  return lookUp(name, described) !== undefined;
}

function lookUp(name: string, table: MetricDescriptions): MetricDescription | undefined {
  if (Object.hasOwn(table, name)) return table[name];
  for (const [pattern, description] of Object.entries(table)) {
    const star = pattern.indexOf('*');
    if (star === -1) continue;
    const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)];
    const isLong = name.length >= before.length + after.length;
    if (!isLong || !name.startsWith(before) || !name.endsWith(after)) continue;
    const matched = name.slice(before.length, name.length - after.length);
    const { label, explanation, ...rest } = description;
    const fill = (text: string) => text.replaceAll('*', () => matched);
    return { label: fill(label), explanation: fill(explanation), ...rest };
  }
  return undefined;
}

function guess(name: string): MetricDescription {
  const words = name.replaceAll('_', ' ').replaceAll('/', ', ');
  const isShare = /accuracy|pass@/.test(name);
  return {
    label: words.charAt(0).toUpperCase() + words.slice(1),
    explanation: '',
    ...(isShare ? { scale: 'share' as const } : {}),
    ...(isShare ? { better: 'higher' as const } : {}),
    ...(/loss/.test(name) ? { better: 'lower' as const } : {}),
    ...(name.includes('/') && !name.includes('pass@') ? { isPart: true } : {}),
  };
}

/** What the plugins of a run say of their metrics; none in journals of earlier versions. */
export function metricDescriptionsOf(events: readonly RunEvent[]): MetricDescriptions {
  const started = events.findLast((event) => event.type === 'run-started');
  return started?.run.metrics ?? {};
}

/** Whether a metric stands for itself: not one of the parts of another, which only reports show. */
export function isHeadline(name: string, described?: MetricDescriptions): boolean {
  return describeMetric(name, described).isPart !== true;
}

/** Whether a metric is from 0 to 1 and shown in percent. */
export function isShare(name: string, described?: MetricDescriptions): boolean {
  return describeMetric(name, described).scale === 'share';
}

/** A metric's value as text: shares in percent, everything else in four digits. */
export function formatMetric(name: string, value: number, described?: MetricDescriptions): string {
  return formatValue(value, isShare(name, described));
}

/** The same for a value of which it is known whether it is a share. */
export function formatValue(value: number, isShareOfOne: boolean): string {
  if (Number.isFinite(value) && isShareOfOne) return `${(100 * value).toFixed(1)} %`;
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
  // Zeros behind the point say nothing; those of 1230 and of e-10 do.
  return value.toPrecision(4).replace(/\.0+(?=e|$)|(\.\d*[1-9])0+(?=e|$)/, '$1');
}

/** Which of two values of a metric is the better one. */
export type Direction = 'max' | 'min';

/** Returns which values of a metric are better; undefined where that is not known. */
export function directionOf(name: string, described?: MetricDescriptions): Direction | undefined {
  const { better } = describeMetric(name, described);
  return better && (better === 'higher' ? 'max' : 'min');
}

/** The share of puzzles solved, where it is measured. */
const USUAL_METRIC = 'exact_accuracy';

/**
 * Returns the metric that a run is judged by where nobody has named one: `exact_accuracy`, else the first
 * headline metric of which it is known what is better; undefined where there is none.
 */
export function usualMetric(
  names: readonly string[],
  described?: MetricDescriptions,
): string | undefined {
  if (names.includes(USUAL_METRIC)) return USUAL_METRIC;
  return names.find(
    (name) => isHeadline(name, described) && directionOf(name, described) !== undefined,
  );
}
