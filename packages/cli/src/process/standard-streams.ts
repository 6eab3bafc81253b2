/**
 * stdout and stderr as what they are to a run: a side channel. What goes wrong with them ends nothing; a command
 * whose answer could not be written says so by its exit code.
 */
import { closeSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isatty } from 'node:tty';

import { outputLost } from './errors.ts';

const STANDARD = [0, 1, 2] as const;

let stdoutError: NodeJS.ErrnoException | null = null;
let isAnswer = true;

/** Hears the errors of both streams from here on. */
export function guardStandardStreams(): void {
  process.stdout.on('error', (error) => {
    stdoutError ??= error;
  });
  process.stderr.on('error', () => undefined); // there is nobody left to tell
  const terminals = STANDARD.filter((fd) => isatty(fd));
  process.on('exit', () => {
    for (const fd of terminals.filter((fd) => !isatty(fd))) letGo(fd);
  });
}

/**
 * @throws OUTPUT_LOST where a command's answer did not reach its reader, unless that had enough (`| head`)
 */
export async function requireOutputWritten(): Promise<void> {
  await new Promise((resolve) => process.stdout.write('', resolve));
  await nextTurn(); // errors are told after that
  if (isAnswer && stdoutError !== null && stdoutError.code !== 'EPIPE')
    throw outputLost(stdoutError);
}

/**
 * Of runs and sweeps: their answer is a folder, they say themselves what their console has lost, and they don't wait
 * for a terminal that nobody reads (Ctrl-S, a stalled ssh), to which Node writes synchronously.
 */
export function tolerateLostOutput(): void {
  isAnswer = false;
  for (const stream of [process.stdout, process.stderr]) {
    const { _handle: handle } = stream as { _handle?: { setBlocking?(on: boolean): void } | null };
    if (stream.isTTY) handle?.setBlocking?.(false);
  }
}

/**
 * Ends the process some time after its command, whatever still holds it open: a logger that was left behind, say. What
 * waits for a reader is waited for.
 */
export function endSoon(exitCode: number): void {
  let calm = 0;
  setInterval(() => {
    const isRead = process.stdout.writableLength + process.stderr.writableLength === 0;
    calm = isRead ? calm + 1 : 0;
    if (calm > SECONDS_TO_END) process.exit(exitCode);
  }, 1000).unref();
}

const SECONDS_TO_END = 5;

/** At its end Node sets terminals back, and aborts where that fails: not for one that is gone. */
function letGo(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // Closed already.
  }
}
