/** Whether a training still learns. */
import type { Trend } from '../api/run.ts';
import type { TrainingColumns } from './training-columns.ts';

const LOSSES = ['lm_loss', 'loss'];
/** Fewer steps than this in each tenth say nothing. */
const MIN_STEPS = 10;

export function trendOf(training: TrainingColumns): Trend | undefined {
  const metric = LOSSES.find((name) => training.metrics.has(name));
  if (metric === undefined) return undefined;
  const values = training.valuesOf(metric)!;
  const tenth = Math.floor(values.length / 10);
  if (tenth < MIN_STEPS) return undefined;
  const now = moments(values.subarray(values.length - tenth));
  const before = moments(values.subarray(values.length - 2 * tenth, values.length - tenth));
  if (now === undefined || before === undefined) return undefined;
  const change = now.mean - before.mean;
  const isFlat = Math.abs(change) < 2 * Math.sqrt(now.squaredError + before.squaredError);
  const verdict = isFlat ? 'flat' : change < 0 ? 'falling' : 'rising';
  return { metric, before: before.mean, now: now.mean, verdict };
}

/** Mean of the finite values, and the square of its standard error. */
function moments(values: Float64Array): { mean: number; squaredError: number } | undefined {
  const finite = values.filter(Number.isFinite);
  if (finite.length < MIN_STEPS) return undefined;
  const mean = finite.reduce((sum, value) => sum + value, 0) / finite.length;
  const squares = finite.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, squaredError: squares / (finite.length - 1) / finite.length };
}
