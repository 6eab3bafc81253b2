/** Asks whether an MLflow server answers, before a run is told that its metrics go there. */
import type { Plugin } from '@eddy/core';

import { addressProblems, trackingAddress } from './tracking-address.ts';

type Reached = ReturnType<NonNullable<Plugin['reach']>>;

/** @returns nothing where the server answers, whatever it says; what is wrong where nobody does. */
export async function reachMlflow(
  trackingUri: string | undefined,
  signal: AbortSignal,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Reached {
  // What is no address has been told.
  if (addressProblems(trackingUri, environment).length > 0) return [];
  const uri = trackingAddress(trackingUri, environment);
  try {
    const answer = await fetch(new URL('health', uri.endsWith('/') ? uri : `${uri}/`), { signal });
    await answer.body?.cancel();
    return [];
  } catch (error) {
    return [
      {
        path: trackingUri === undefined ? [] : ['trackingUri'],
        message: 'no MLflow server responds',
        expected: `a server at ${uri}`,
        received: reasonOf(error),
        fix: 'start one (mlflow server), or correct trackingUri or MLFLOW_TRACKING_URI',
      },
    ];
  }
}

/** `fetch` says only that it failed; its cause says why. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message;
}
