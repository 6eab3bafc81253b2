/** What happens in a sweep, a line an event. */
import { formatValue, isHeadline } from '@eddy/core/report';
import type { SweepEvent, Trial } from '@eddy/core/run';

/** More would not fit a line; the table has all. */
const MAX_METRICS = 3;

export function sweepLine(event: SweepEvent): string {
  switch (event.type) {
    case 'sweep-started': {
      const { folder, total, ended } = event;
      return `${total} trials${ended > 0 ? `, ${ended} of them ended before` : ''}: ${folder}`;
    }
    case 'trial-started':
      return `  ${event.trial.id}  started  ${valuesOf(event.trial)}`;
    case 'trial-ended': {
      const { id, status, reason, metrics, minutes } = event.result;
      const shown = Object.entries(metrics)
        .filter(([name]) => isHeadline(name))
        .slice(0, MAX_METRICS)
        .map(([name, value]) => `${name} ${formatValue(value, event.shares.includes(name))}`)
        .join(', ');
      const detail = status === 'done' ? shown : (reason ?? '');
      const time = `${minutes.toFixed(1)} min`;
      return `  ${id}  ${status.padEnd(7)}  ${event.ended}/${event.total}  ${time}  ${detail}`;
    }
    case 'message':
      return `  ${event.text}`;
  }
}

function valuesOf({ values }: Trial): string {
  return Object.entries(values)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
}
