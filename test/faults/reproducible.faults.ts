/** Processes with the same seed end with the same bits, at once or one after the other, however versions are made. */
import { join } from 'node:path';

import { latestCheckpoint, stateHash } from '@eddy/core/checkpoint';
import { sharedFolder } from '@eddy/core/testing';
import { expect, it } from 'vitest';

import { count } from './counts.ts';
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

it('five processes end with the same state: two at once, the others after them', async () => {
  const hashes = await Promise.all([trained('first'), trained('second')]);
  for (const name of ['third', 'fourth', 'fifth']) hashes.push(await trained(name));
  expect(hashes).toEqual(Array.from({ length: 5 }, () => hashes[0]));
  expect(await trained('another seed', ['seed=8'])).not.toBe(hashes[0]);
});

it('versions that a thread has written give the state of those made while training', async () => {
  const onTheFly = await trained('on the fly');
  const materialised = ['augment.augmentation.mode=materialised'];
  expect(await trained('materialised', materialised)).toBe(onTheFly);
});
