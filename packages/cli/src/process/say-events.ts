/** Commands that answer on stdout say on stderr what they are at. */
import type { RunEvent } from '@eddy/core';
import type { Observable } from 'rxjs';

export function sayMessages(events$: Observable<RunEvent>): void {
  events$.subscribe((event) => {
    if (event.type === 'message') process.stderr.write(`${event.text}\n`);
  });
}

export function sayMessagesAndStages(events$: Observable<RunEvent>): void {
  sayMessages(events$);
  events$.subscribe((event) => {
    if (event.type === 'stage-started') process.stderr.write(`${event.stage} …\n`);
  });
}
