import type { StopSignal } from '../contracts/services.ts';

/**
 * The result of work that a stop need not wait for: it goes on unheard.
 *
 * @param stopped  makes the error, at once when a stop has been or is asked for.
 */
export function unlessStopped<T>(
  { signal }: StopSignal,
  work: Promise<T>,
  stopped: () => Error,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const abandon = () => reject(stopped());
    if (signal.aborted) abandon();
    signal.addEventListener('abort', abandon, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abandon));
  });
}
