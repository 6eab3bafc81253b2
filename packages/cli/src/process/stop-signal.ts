import { createStopSignal, STOP_WITH_PARENT, tellSweep, type StopController } from '@eddy/core/run';
import type { StopSignal } from '@eddy/core';
import { EddyError } from '@eddy/tensor/errors';

import { commandStopped } from './errors.ts';
import { EXIT } from './exit-codes.ts';

/** What a command's work is given to be stopped by. */
export interface CommandStop extends StopSignal {
  /** From here on there is nothing to save: a stop only cuts short what is left. */
  workIsOver(): void;
}

/**
 * The first SIGINT, SIGTERM or SIGHUP asks the work to stop cleanly; a second SIGINT or SIGTERM ends the process. So
 * does an error that nobody caught ask for a clean stop: it may be a side channel's, and training is worth saving.
 *
 * @throws COMMAND_STOPPED for whatever the stop has made of the work; the error that nobody caught
 */
export async function withStopSignal<T>(work: (stop: CommandStop) => Promise<T>): Promise<T> {
  let isOver = false;
  const stop = createStopSignal({
    onSaveRequest: () => say('SIGUSR1: saving a checkpoint and continuing'),
    onRequest: (reason) => say(`${reason}: ${isOver ? ENDING : STOPPING}${AGAIN[reason] ?? ''}`),
  });
  const command = Object.assign(stop, { workIsOver: () => void (isOver = true) });
  const stray = strayErrors((error) => stop.request(`an uncaught error (${error.message})`));
  if (process.env[STOP_WITH_PARENT] !== undefined) holdLeash(stop);
  try {
    const result = await work(command);
    stray.rethrow();
    return result;
  } catch (error) {
    stray.rethrow();
    if (process.env[STOP_WITH_PARENT] !== undefined) await tellSweep(refusalOf(error));
    throw stop.requested && !isFailure(error) ? commandStopped(error) : error;
  } finally {
    stray.dispose();
    stop.dispose();
  }
}

const STOPPING = 'stopping at the next safe point and saving';
const ENDING = 'the work is done and nothing is left to save; exiting';
/** A terminal that closes hangs up several times. */
const AGAIN: Readonly<Record<string, string>> = {
  SIGINT: '; again to end at once',
  SIGTERM: '; again to end at once',
};

function say(text: string): void {
  process.stderr.write(`\n${text}\n`);
}

/** Exceptions and rejections that nobody caught: the first is told, and thrown when the work has ended. */
function strayErrors(onFirst: (error: Error) => void) {
  let first: Error | null = null;
  const take = (thrown: unknown) => {
    if (first !== null) return;
    first = thrown instanceof Error ? thrown : new Error(String(thrown));
    onFirst(first);
    // What waits for whoever threw it may wait for ever.
    setTimeout(() => process.exit(EXIT.internal), STRAY_LIMIT_MS).unref();
  };
  process.on('uncaughtException', take);
  process.on('unhandledRejection', take);
  return {
    rethrow: () => {
      if (first !== null) throw first;
    },
    dispose: () => {
      process.off('uncaughtException', take);
      process.off('unhandledRejection', take);
    },
  };
}

/** For a save of a large model on a slow disk. */
const STRAY_LIMIT_MS = 10 * 60_000;

/** Of the work itself, not of its end: with a code, other than those that name a stage that was ended. */
function isFailure(error: unknown): boolean {
  const { name, code } = Object(error) as { readonly name?: unknown; readonly code?: unknown };
  return name === 'EddyError' && code !== 'STAGE_FAILED' && code !== 'RUN_STOPPED';
}

function refusalOf(error: unknown): { readonly code: string; readonly message: string } {
  if (error instanceof EddyError) return { code: error.code, message: error.facts.message };
  return { code: 'INTERNAL', message: String(error) };
}

/** A trial of a sweep stops when the sweep lets go of it or is gone. */
function holdLeash(stop: StopController): void {
  const letGo = () => stop.request('the sweep ended');
  if (process.connected !== true) return letGo();
  process.once('disconnect', letGo);
  // The channel alone shall not keep a finished run alive.
  process.channel?.unref();
}
