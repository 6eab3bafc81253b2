/**
 * Trackers are projections of the journal: they write their files anew from its events and go on
 * with the live ones, so that after a resume every step is in them exactly once too.
 */
import { existsSync } from 'node:fs';
import { concatMap, from, type Observable } from 'rxjs';

import { readJournal } from '@eddy/core/report';
import type { RunEvent } from '@eddy/core';

/** The journal's events from before this session, then the live ones. */
export function withHistory(
  events$: Observable<RunEvent>,
  journalPath: string,
): Observable<RunEvent> {
  return events$.pipe(
    concatMap((event, index) =>
      from(index === 0 ? [...eventsBefore(event, journalPath), event] : [event]),
    ),
  );
}

/** Returns the events of the sessions of a run before the one that `first` belongs to. */
export function eventsBefore(first: RunEvent, journalPath: string): RunEvent[] {
  if (!existsSync(journalPath)) return [];
  // The journal may have this session's first events already; its clock never goes back.
  return readJournal(journalPath).filter((event) => event.timeMs < first.timeMs);
}
