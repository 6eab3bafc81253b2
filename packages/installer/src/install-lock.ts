import { setTimeout } from 'node:timers/promises';

import { acquireRunLock, type RunLock } from '@eddy/core/files';
import { EddyError } from '@eddy/tensor/errors';

const POLL_MS = 200;

/**
 * Does a task while no other process, and no other call in this one, does it. The lock goes with its
 * process, however that ends.
 *
 * @param waits  told once who holds the lock, if somebody does.
 * @param signal  ends the waiting.
 */
export async function withInstallLock<T>(
  path: string,
  waits: (holder: string) => void,
  task: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const lock = await acquire(path, waits, signal);
  try {
    return await task();
  } finally {
    lock.release();
  }
}

async function acquire(
  path: string,
  waits: (holder: string) => void,
  signal?: AbortSignal,
): Promise<RunLock> {
  for (let isFirst = true; ; isFirst = false) {
    try {
      return await acquireRunLock(path);
    } catch (error) {
      if (!(error instanceof EddyError) || error.code !== 'RUN_LOCKED') throw error;
      if (isFirst) waits(error.facts.received ?? 'another process');
      await setTimeout(POLL_MS);
      signal?.throwIfAborted();
    }
  }
}
