/** Processes with the same seed end with the same bits, however the versions of examples are made. */
import { join } from 'node:path';

import { latestCheckpoint, stateHash } from '@eddy/core/checkpoint';
import { sharedFolder } from '@eddy/core/testing';
import { expect, it } from 'vitest';

import { count, isLong } from '../counts.ts';
import { ownCache } from './own-cache.ts';
import { start } from './processes.ts';
import { PIPELINE } from './tiny-runs.ts';

const EPOCHS = count(3, 50);
const STEPS = 4 * EPOCHS;
const folder = sharedFolder();

/** Trains in a cache of its own: one process's result is not the other's. @returns the hash of the last state. */
async function trained(name: string, overrides: readonly string[] = []): Promise<string> {
  const home = join(folder.path, name);
  const cache = await ownCache(home);
  const args = ['run', join(import.meta.dirname, 'tiny.yml'), '--run-dir', join(home, 'run')];
  const sizes = [`train.epochs=${EPOCHS}`, `train.evalInterval=${EPOCHS}`];
  const { ended, output } = start(PIPELINE, [...args, ...sizes, ...overrides], {
    env: { ...process.env, EDDY_CACHE: cache },
  });
  expect(await ended, output().slice(-2000)).toBe(0);
  const latest = await latestCheckpoint(join(home, 'run', 'checkpoints'), expect.unreachable);
  expect(latest!.manifest.step).toBe(STEPS);
  return stateHash(latest!.state);
}

const onTheFly = Array.from({ length: count(2, 4) }, (_, i) => `process ${i + 1}`);

it(`${onTheFly.length + 1} processes end with the same state`, async () => {
  const hashes = await Promise.all(onTheFly.map((name) => trained(name)));
  // A second thread has written its versions before the training; the others make theirs while they train.
  hashes.push(await trained('materialised', ['augment.augmentation.mode=materialised']));
  expect(hashes).toEqual(hashes.map(() => hashes[0]));
  if (isLong) expect(await trained('another seed', ['seed=8'])).not.toBe(hashes[0]);
});
