/**
 * Saves checkpoints without a pause until it is killed. Usage: save-forever.js <run folder>.
 * Says `saved <step>` after each. Every element of the state is the step.
 *
 * Imports files of `dist`, not the package: it starts a hundred times, and the package loads TF.js.
 */
import { writeSync } from 'node:fs';
import { join } from 'node:path';

import {
  latestCheckpoint,
  saveCheckpoint,
} from '../../packages/core/dist/checkpoint/checkpoint.js';
import { acquireRunLock } from '../../packages/core/dist/run/lock.js';

const [runFolder] = process.argv.slice(2);
await acquireRunLock(join(runFolder, 'lock'));
const folder = join(runFolder, 'checkpoints');
const latest = await latestCheckpoint(folder, (text) => {
  throw new Error(text);
});
for (let step = (latest?.manifest.step ?? 0) + 1; ; step++) {
  const state = {};
  for (const name of ['a', 'b', 'c']) {
    state[name] = {
      shape: [200, 1000],
      dtype: 'float32',
      data: new Float32Array(200_000).fill(step),
    };
  }
  await saveCheckpoint(folder, { step, epoch: 0, state, metadata: { step } }, { keepLast: 2 });
  writeSync(1, `saved ${step}\n`);
}
