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

/** Of a run: its answer is its folder, and it says itself what its console has lost. */
export function outputIsNoAnswer(): void {
  isAnswer = false;
}

/** At its end Node sets terminals back, and aborts where that fails: not for one that is gone. */
function letGo(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // Closed already.
  }
}
