/** Turns the monotonic time of events into wall time that never goes back. */
import type { RunEvent } from '@eddy/core';

export class WallClock {
  #startMs = 0;

  /** Seconds since 1970 of an event; sessions start at their `run-started`. */
  secondsOf(event: RunEvent): number {
    if (event.type === 'run-started') {
      this.#startMs = Math.max(this.#startMs, Date.parse(event.run.startedAt) - event.timeMs);
    }
    return (this.#startMs + event.timeMs) / 1000;
  }
}
