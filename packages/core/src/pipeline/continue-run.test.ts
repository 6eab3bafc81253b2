import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { HostTree } from '@eddy/tensor/spec';
import { expect, it } from 'vitest';

import { loadCheckpoint, saveCheckpoint } from '../checkpoint/checkpoint.ts';
import type { RunFolder } from '../run/run-folder.ts';
import { freshFolder } from '../testing/fresh-folder.ts';
import { continuedRun } from './continue-run.ts';

const folder = freshFolder();

async function savedRun(steps: readonly number[], best?: number): Promise<RunFolder> {
  const path = join(folder.path, 'old');
  const checkpointsPath = join(path, 'checkpoints');
  for (const step of steps) {
    const state: HostTree = {
      w: { shape: [2], dtype: 'float32', data: Float32Array.of(step, 1) },
    };
    const monitor = { metric: 'm', split: 'validation', mode: 'max', step: 4, waited: 1 };
    const metadata =
      best === undefined ? {} : { monitor: { ...monitor, best: { step: best, value: 0.5 } } };
    await saveCheckpoint(
      checkpointsPath,
      { step, epoch: 1, state, metadata },
      { keepLast: steps.length },
    );
  }
  return { path, checkpointsPath } as RunFolder;
}

async function copied(run: RunFolder): Promise<string[]> {
  const target = join(folder.path, 'new');
  await (await continuedRun(run, () => undefined)).copyInto(target, 'the-new-one');
  const checkpoints = join(target, 'checkpoints');
  const names = (await readdir(checkpoints)).sort();
  for (const name of names) await loadCheckpoint(join(checkpoints, name));
  return names;
}

it('takes over the newest checkpoint, and the best one that it remembers', async () => {
  expect(await copied(await savedRun([2, 4, 6], 2))).toEqual(['step-00000002', 'step-00000006']);
});

it('takes over the newest one alone where nothing was evaluated, or where it is the best', async () => {
  expect(await copied(await savedRun([2, 4, 6]))).toEqual(['step-00000006']);
});

it('goes without a best one that is gone', async () => {
  expect(await copied(await savedRun([4, 6], 2))).toEqual(['step-00000006']);
});
