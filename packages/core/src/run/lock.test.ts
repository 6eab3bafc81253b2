import { join } from 'node:path';

import { expect, it, vi } from 'vitest';

import { freshFolder } from '../testing/fresh-folder.ts';
import { acquireRunLock, isRunLocked } from './lock.ts';

const system = vi.hoisted(() => ({ errno: 0 }));
vi.mock('koffi', () => ({
  default: { load: () => ({ func: () => () => -1 }), errno: () => system.errno },
}));

const folder = freshFolder();
const path = () => join(folder.path, 'lock');

// ENOSYS of Lustre without `flock`, ENOLCK of NFS without its lock daemon, EOPNOTSUPP of some FUSE systems.
const isLinux = process.platform === 'linux';
const NO_FLOCK = 'runs are locked by flock on Linux alone';

it.for([38, 37, 95])('where flock fails with %i, files hold the lock', async (errno, { skip }) => {
  skip(!isLinux, NO_FLOCK);
  system.errno = errno;
  const lock = await acquireRunLock(path());
  expect(lock.kind).toBe('file');
  expect(await isRunLocked(path())).toBe(true);
  await expect(acquireRunLock(path())).rejects.toMatchObject({ code: 'RUN_LOCKED' });
  lock.release();
  expect(await isRunLocked(path())).toBe(false);
  (await acquireRunLock(path())).release();
});

it('any other failure of flock is said', async ({ skip }) => {
  skip(!isLinux, NO_FLOCK);
  system.errno = 5;
  await expect(acquireRunLock(path())).rejects.toMatchObject({
    code: 'RUN_FOLDER_UNUSABLE',
    facts: { received: 'flock failed with errno 5' },
  });
});
