/** How metrics are shown to people. */

/** Not one of the parts of a metric (`exact_accuracy/rating_1`), which the report shows. */
export function isHeadline(name: string): boolean {
  return !name.includes('/') || name.includes('pass@');
}

/** Accuracies and pass@k are shares, shown in percent. */
export function isShare(name: string): boolean {
  return /accuracy|pass@/.test(name);
}

/** Shares in percent, everything else in four digits. */
export function formatMetric(name: string, value: number): string {
  if (Number.isFinite(value) && isShare(name)) return `${(100 * value).toFixed(1)} %`;
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
  // Zeros behind the point say nothing; those of 1230 and of e-10 do.
  return value.toPrecision(4).replace(/\.0+(?=e|$)|(\.\d*[1-9])0+(?=e|$)/, '$1');
}

/** Which of two values of a metric is the better one: the higher, the lower, or neither. */
export type Direction = 'max' | 'min';

/** Returns which values of a metric are better, by its name; undefined where that is not known. */
export function directionOf(name: string): Direction | undefined {
  if (/accuracy|pass@|valid/.test(name)) return 'max';
  return /loss/.test(name) ? 'min' : undefined;
}

/** The share of puzzles solved, where it is measured. */
const USUAL_METRIC = 'exact_accuracy';

/**
 * Returns the metric that a run is judged by where nobody has named one: `exact_accuracy`, else the first
 * headline metric of which it is known what is better; undefined where there is none.
 */
export function usualMetric(names: readonly string[]): string | undefined {
  if (names.includes(USUAL_METRIC)) return USUAL_METRIC;
  return names.find((name) => isHeadline(name) && directionOf(name) !== undefined);
}
