import { Observable } from 'rxjs';

import type { StopSignal } from '../contracts/services.ts';

/**
 * One result of asynchronous work that unsubscribing, or a stop signal, aborts. Cold: the work begins
 * at subscription.
 */
export function cancellable<T>(
  stop: StopSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Observable<T> {
  return new Observable<T>((subscriber) => {
    const unsubscribed = new AbortController();
    work(AbortSignal.any([unsubscribed.signal, stop.signal])).then(
      (result) => {
        subscriber.next(result);
        subscriber.complete();
      },
      (error: unknown) => subscriber.error(error),
    );
    return () => unsubscribed.abort();
  });
}
