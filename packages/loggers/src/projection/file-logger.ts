/** A logger that writes a file: history first, then live events, then an orderly end. */
import { tap, type Observable } from 'rxjs';

import type { Logger, RunEvent } from '@eddy/core';

import { withHistory } from './history.ts';

export interface EventWriter {
  write(event: RunEvent): void;
  close(): void | Promise<void>;
}

/** @param open  makes the writer when the first event comes, so that an unused logger leaves no file */
export function fileLogger(journalPath: string, open: () => EventWriter): Logger {
  return {
    attach: async (events$: Observable<RunEvent>) => {
      let writer: EventWriter | null = null;
      const write = (event: RunEvent) => (writer ??= open()).write(event);
      try {
        await drain(withHistory(events$, journalPath).pipe(tap(write)));
      } finally {
        await (writer as EventWriter | null)?.close();
      }
    },
  };
}

function drain(events$: Observable<unknown>): Promise<void> {
  return new Promise((resolve, reject) => {
    events$.subscribe({ error: reject, complete: resolve });
  });
}
