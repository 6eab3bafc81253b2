/** The thread of `startHeartbeat`. */
import { readFileSync, utimesSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

import type { HeartbeatOrder } from './lock-heartbeat.ts';
import { lastNumber, numbered } from './lock-number.ts';

const { path, file, token, heartbeatMs, lost } = workerData as HeartbeatOrder;

const timer = setInterval(() => {
  try {
    if (isOurs()) utimesSync(file, new Date(), new Date());
    else lose();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') lose();
    // Else the file system does not answer; the next beat tries again.
  }
}, heartbeatMs);

function isOurs(): boolean {
  return file === numbered(path, lastNumber(path)) && readFileSync(file, 'utf8').includes(token);
}

function lose(): void {
  clearInterval(timer);
  Atomics.store(lost, 0, 1);
}
