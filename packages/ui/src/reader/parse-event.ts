/** Lines of a journal as events. */
import type { RunEvent } from '@eddy/core';

const NON_FINITE = new Set(['NaN', 'Infinity', '-Infinity']);

/**
 * Parses a line of a journal. Metrics that are not finite get their numbers back; `fromJson` of core does the
 * same for every key of every line, which takes ten times as long.
 *
 * @returns undefined for a line that is not an event
 */
export function parseEvent(line: string): RunEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const event = Object(value) as Partial<RunEvent> & { metrics?: unknown };
  if (typeof event.type !== 'string' || typeof event.timeMs !== 'number') return undefined;
  if (event.metrics !== undefined) {
    if (typeof event.metrics !== 'object' || event.metrics === null) return undefined;
    const metrics = event.metrics as Record<string, unknown>;
    for (const name of Object.keys(metrics)) {
      if (typeof metrics[name] === 'number') continue;
      if (!NON_FINITE.has(metrics[name] as string)) return undefined;
      metrics[name] = Number(metrics[name]);
    }
  }
  return isWhole(event as RunEvent) ? (event as RunEvent) : undefined;
}

/** True if the event has the fields that its readers use without looking. */
function isWhole(event: RunEvent): boolean {
  switch (event.type) {
    case 'run-started':
      return typeof event.run === 'object' && event.run !== null;
    case 'step-finished':
      return Number.isFinite(event.step) && typeof event.metrics === 'object';
    case 'evaluation-finished':
      return (
        Number.isFinite(event.step) &&
        typeof event.split === 'string' &&
        Number.isFinite(event.examples) &&
        typeof event.metrics === 'object'
      );
    case 'monitor-updated':
      return (
        Number.isFinite(event.step) &&
        typeof event.metric === 'string' &&
        typeof event.split === 'string' &&
        (event.best === undefined || isBest(event.best))
      );
    case 'message':
      return typeof event.text === 'string';
    case 'stage-started':
    case 'stage-reused':
    case 'stage-finished':
      return typeof event.stage === 'string';
    case 'training-planned':
      return typeof event.plan === 'object' && event.plan !== null;
    case 'checkpoint-saved':
    case 'resumed':
      return Number.isFinite(event.step);
    case 'compute-measured':
      return Array.isArray(event.results);
    case 'leakage-checked':
      return typeof event.report === 'object' && event.report !== null;
    default:
      return true;
  }
}

function isBest(best: unknown): boolean {
  const { step, value } = Object(best) as { step?: unknown; value?: unknown };
  return Number.isFinite(step) && Number.isFinite(value);
}
