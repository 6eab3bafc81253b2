/**
 * How often a test tries what it tries. `npm run test:faults -- --long`, and `test:fuzz` and `test:field` likewise, set
 * EDDY_LONG=1: the counts of docs/reliability.md, which take hours. Without it: what fits into every day's run.
 */

export const isLong = process.env['EDDY_LONG'] === '1';

/** Returns `short` in every day's run, `long` in the long form. */
export function count(short: number, long: number): number {
  return isLong ? long : short;
}
