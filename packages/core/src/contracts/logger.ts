import type { Observable } from 'rxjs';

import type { RunEvent } from './events.ts';

/** A projection of the run's events to somewhere people look. */
export interface Logger {
  /** Subscribes; resolves when the stream has ended and everything is written. Never throws into the run. */
  attach(events$: Observable<RunEvent>): Promise<void>;
}
