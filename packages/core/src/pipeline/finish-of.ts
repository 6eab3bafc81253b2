/** How a run ended, as its journal keeps it. */
import { EddyError, InternalError } from '@eddy/tensor/errors';

import type { RunEvent } from '../contracts/events.ts';

/** Returns the status of a run and the facts of its error, for the event that ends its journal. */
export function finishOf({
  status,
  error,
}: {
  readonly status: Extract<RunEvent, { type: 'run-finished' }>['status'];
  readonly error?: unknown;
}) {
  if (error === undefined) return { status };
  if (error instanceof EddyError) {
    const { code, message, at, expected, received, fix } = error.facts;
    const known = Object.entries({ at, expected, received }).filter(
      ([, fact]) => fact !== undefined,
    );
    return { status, error: { code, message, ...Object.fromEntries(known), fix } };
  }
  const message = error instanceof Error ? error.message : JSON.stringify(error);
  const { code } = new InternalError(message);
  return { status, error: { code, message } };
}
