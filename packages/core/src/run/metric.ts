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
