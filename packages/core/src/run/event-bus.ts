/** The run's event bus: everything that happens, in order, with a monotonic time. */
import { Subject } from 'rxjs';

import type { RunEvent } from './events.ts';
import type { EventBus } from './services.ts';

export interface RunEventBus extends EventBus {
  /** Ends the stream: loggers write what they still hold. */
  complete(): void;
}

/**
 * Events go to those who have subscribed; nothing is kept, so that a long run does not grow.
 *
 * @param elapsedMs  where the clock of a resumed run goes on (`Journal.elapsedMs`)
 */
export function createEventBus({ elapsedMs = 0 }: { elapsedMs?: number } = {}): RunEventBus {
  const events = new Subject<RunEvent>();
  const startMs = performance.now() - elapsedMs;
  return {
    events$: events.asObservable(),
    emit: (event) => events.next({ timeMs: performance.now() - startMs, ...event }),
    complete: () => events.complete(),
  };
}
