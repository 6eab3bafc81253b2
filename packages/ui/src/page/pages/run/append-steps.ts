/** Curves that grow by the steps of a live message. */
import type { LiveMessage } from '../../../api/live.ts';
import type { SeriesView } from '../../../api/run.ts';

/** Returns the series with the new steps; the moving average goes on where the server left it. */
export function appendSteps(
  all: readonly SeriesView[],
  message: LiveMessage,
  smoothing: number,
  zoom: readonly [number, number] | undefined,
): SeriesView[] {
  if (message.type !== 'run') return [...all];
  return all.map((series) => {
    const change = message.steps.find(({ set }) => set === series.set);
    const values = change?.metrics[series.metric];
    // A part of the past was chosen: what comes is not in it.
    if (change === undefined || values === undefined || zoom !== undefined) return series;
    const last = series.steps.at(-1) ?? -Infinity;
    let { sum, count } = series.average ?? { sum: 0, count: 0 };
    const steps = [...series.steps];
    const grown = [...series.values];
    const smooth = [...(series.smooth ?? [])];
    change.steps.forEach((step, i) => {
      const value = values[i];
      if (step <= last || value === null || value === undefined) return;
      steps.push(step);
      grown.push(value);
      if (series.smooth === undefined) return;
      sum = smoothing * sum + (1 - smoothing) * value;
      count++;
      smooth.push(sum / (1 - smoothing ** count));
    });
    return {
      ...series,
      steps,
      values: grown,
      ...(series.smooth === undefined ? {} : { smooth, average: { sum, count } }),
    };
  });
}
