/** The run's event bus: everything that happens, in order, with a monotonic time. */
import { Subject } from 'rxjs';

import type { RunEvent } from '../contracts/events.ts';
import type { EventBus } from '../contracts/services.ts';

export interface RunEventBus extends EventBus {
  /** Ends the stream: loggers write what they still hold. */
  complete(): void;
}

export interface EventBusOptions {
  /** Where the clock of a resumed run goes on (`Journal.elapsedMs`). */
  readonly elapsedMs?: number;
  /** Takes each event before anyone else sees it; what it throws reaches the one who emitted. */
  readonly record?: (event: RunEvent) => void;
  /** Waits until what was recorded is on the disk. */
  readonly sync?: () => Promise<void>;
}

/**
 * Events go to those who have subscribed; none is kept, so that a long run does not grow. A warning in the
 * same words as one before is dropped: a damaged checkpoint is found by everyone who looks for the newest.
 */
export function createEventBus({ elapsedMs = 0, record, sync }: EventBusOptions = {}): RunEventBus {
  const events = new Subject<RunEvent>();
  const startMs = performance.now() - elapsedMs;
  const warnings = new Set<string>();
  return {
    events$: events.asObservable(),
    emit: (body) => {
      if (body.type === 'message' && body.level === 'warning') {
        if (warnings.has(body.text)) return;
        warnings.add(body.text);
      }
      const event: RunEvent = { timeMs: performance.now() - startMs, ...body };
      record?.(event);
      events.next(event);
    },
    recorded: async () => sync?.(),
    complete: () => events.complete(),
  };
}
