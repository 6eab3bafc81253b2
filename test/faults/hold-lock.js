/**
 * Takes a lock, says so, and holds it until it is killed.
 *
 * Arguments: the lock's path; `kernel` or `file`; the time at which to take it, in milliseconds of the epoch; for how
 * many milliseconds its event loop is blocked then.
 */
import { writeSync } from 'node:fs';

import { lockByFile } from '../../packages/core/dist/run/lock-file.js';
import { acquireRunLock } from '../../packages/core/dist/run/lock.js';

const [, , path, kind, atMs, blockedMs] = process.argv;
while (performance.timeOrigin + performance.now() < Number(atMs));
try {
  await (kind === 'file' ? lockByFile : acquireRunLock)(path);
  writeSync(1, 'locked\n');
  const never = new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(never, 0, 0, Number(blockedMs ?? 0));
  setInterval(() => undefined, 60_000);
} catch (error) {
  writeSync(1, `${error.message}\n`);
}
