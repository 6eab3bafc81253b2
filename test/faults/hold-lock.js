/** Takes the lock named by its argument, says so, and holds it until it is killed. */
import { writeSync } from 'node:fs';

import { acquireRunLock } from '../../packages/core/dist/run/lock.js';

try {
  await acquireRunLock(process.argv[2]);
  writeSync(1, 'locked\n');
  setInterval(() => undefined, 60_000);
} catch (error) {
  writeSync(1, `${error.message}\n`);
}
