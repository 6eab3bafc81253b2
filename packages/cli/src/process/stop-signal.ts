import { createStopSignal, LEASH, type StopController } from '@eddy/core/run';
import type { StopSignal } from '@eddy/core';

import { commandStopped } from './errors.ts';

/**
 * The first SIGINT or SIGTERM asks the work to stop cleanly; the second ends the process.
 *
 * @throws COMMAND_STOPPED for whatever the stop has made of the work
 */
export async function withStopSignal<T>(work: (stop: StopSignal) => Promise<T>): Promise<T> {
  const stop = createStopSignal({
    onSaveRequest: () => process.stderr.write('\nSIGUSR1: saving a checkpoint and going on\n'),
    onRequest: (reason) =>
      process.stderr.write(
        `\n${reason}: stopping at the next clean point and saving; again to end at once\n`,
      ),
  });
  if (process.env[LEASH] !== undefined) holdLeash(stop);
  try {
    return await work(stop);
  } catch (error) {
    throw stop.requested && !isFailure(error) ? commandStopped(error) : error;
  } finally {
    stop.dispose();
  }
}

/** Of the work itself, not of its end: with a code, other than those that name a stage that was ended. */
function isFailure(error: unknown): boolean {
  const { name, code } = Object(error) as { readonly name?: unknown; readonly code?: unknown };
  return name === 'EddyError' && code !== 'STAGE_FAILED' && code !== 'RUN_STOPPED';
}

/** A trial of a sweep stops when the sweep lets go of it or is gone. */
function holdLeash(stop: StopController): void {
  const letGo = () => stop.request('the sweep let go');
  if (process.connected !== true) return letGo();
  process.once('disconnect', letGo);
  // The channel alone shall not keep a finished run alive.
  process.channel?.unref();
}
