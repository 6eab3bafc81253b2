/** Loggers are side channels: whatever becomes of one, the run goes on and says so. */
import { last, type Observable } from 'rxjs';

import type { EventBus, StopSignal } from '../contracts/services.ts';
import type { Logger } from '../contracts/logger.ts';

/** For what loggers do when the run is over, such as an upload. */
const AFTER_END_MS = 15 * 60_000;
/** Where a stop was asked for: batch systems wait about half a minute before they kill. */
const AFTER_STOP_MS = 20_000;

/** The limits of a logger's work after the run; a test has shorter ones. */
export interface LoggerLimits {
  readonly afterEndMs: number;
  readonly afterStopMs: number;
}

/**
 * Attaches a logger so that its failure becomes one warning of the run, never its end: from there on it is
 * left out. One that does not end after the run is left behind.
 */
export async function attachLogger(
  name: string,
  logger: Logger,
  bus: EventBus,
  stop: StopSignal,
  limits: LoggerLimits = { afterEndMs: AFTER_END_MS, afterStopMs: AFTER_STOP_MS },
): Promise<void> {
  const end = overdue(bus.events$, stop, limits);
  try {
    await Promise.race([logger.attach(bus.events$), end.promise]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    bus.emit({ type: 'message', level: 'warning', text: `logger ${name} failed: ${reason}` });
  } finally {
    end.dispose();
  }
}

/** Rejects some time after the last event; sooner when a stop is asked for. */
function overdue(
  events$: Observable<unknown>,
  stop: StopSignal,
  { afterEndMs, afterStopMs }: LoggerLimits,
) {
  const { promise, reject } = withReject();
  let timer: NodeJS.Timeout | undefined;
  let over = false;
  const setLimit = () => {
    if (!over) return;
    clearTimeout(timer);
    const ms = stop.requested ? afterStopMs : afterEndMs;
    const text = `it was still busy ${Math.ceil(ms / 1000)} s after the run`;
    timer = setTimeout(() => reject(new Error(text)), ms);
  };
  const subscription = events$.pipe(last(null, null)).subscribe(() => {
    over = true;
    setLimit();
  });
  stop.signal.addEventListener('abort', setLimit);
  return {
    promise,
    dispose: () => {
      clearTimeout(timer);
      subscription.unsubscribe();
      stop.signal.removeEventListener('abort', setLimit);
    },
  };
}

function withReject() {
  let reject!: (error: Error) => void;
  const promise = new Promise<never>((_, rejectIt) => (reject = rejectIt));
  promise.catch(() => undefined); // heard of in the race
  return { promise, reject };
}
